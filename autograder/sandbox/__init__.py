"""The student's side: what runs in the process that student code shares, and what starts and confines it.

This folder imports nothing of the package but itself. What it does not import, student code can't find in its memory:
no expected value, no check, no secret. Its only words to the judge are frames on a socket (:mod:`.wire`).
"""
