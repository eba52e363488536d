"""The student's side: what runs in the same process as student code, and what starts and confines that process.

This folder imports nothing else of the package. Student code can't find in memory what was never imported: no expected
value, no check, no secret. It talks to the judge only in frames on a socket (:mod:`.wire`).
"""
