# Why tasks are blocked, by the codes that are kept with them.

blocked-open-critical-risk = The account has an open critical risk. Close it first, or skip this task with a reason.
