"""Work of different students that is alike: a prompt for staff to look, never a verdict.

What each student wrote (`written`) becomes tokens (`tokens`) in which names, comments and layout no longer tell;
`likeness` compares them, without what the course gave out and without what many wrote; `groups` puts together who is
alike; `page` shows it side by side. `identical` finds files that are the same, also for the attention after a run.

Nothing here is run, and every step has a bound that follows from the sizes in `written` and `likeness`.
"""
