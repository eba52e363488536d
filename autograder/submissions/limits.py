"""How much is taken of one submission; anything beyond that is left out, with a note."""

MAX_FILES = 200
MAX_FILE_BYTES = 10 << 20
MAX_TOTAL_BYTES = 20 << 20
MAX_DEPTH = 8
MAX_PATH_BYTES = 240
MAX_ENTRIES = 5000
MAX_LISTED = 100_000  # names that are listed to find at most MAX_ENTRIES that are not junk
MAX_ZIP_BYTES = 50 << 20  # of an archive that is held in memory
MAX_ARCHIVES = 8  # inside of a submission
MAX_ARCHIVE_LEVELS = 2
MAX_CANDIDATES = 8  # for one file
MAX_NOTEBOOK_BYTES = 128 << 20  # of all notebooks of a submission as they were handed in: half a minute at worst
SMALL_NOTEBOOK_BYTES = 1 << 20  # up to this size a notebook is taken as it was handed in
MAX_NOTES = 20
MAX_NOTE_CHARACTERS = 300
