# Why tasks are blocked, by the codes that are kept with them.

blocked-open-critical-risk = The account has an open critical risk. Close it first, or skip this task with a reason.
blocked-plugin-disabled = The plugin { $plugin } is disabled. Enable it, or skip this task with a reason.
blocked-plugin-uninstalled = The plugin { $plugin } is not installed. Install it, or skip this task with a reason.
blocked-plugin-failed = The plugin { $plugin } failed: { $told }. Its calls say more to whoever looks after plugins. Try again, install a version that works, or skip this task with a reason.

# What people call the types of tasks of the platform.

task-type-core-standard = Task
task-type-core-interaction = Interaction
task-type-core-survey = Survey
task-type-core-indicator = Indicator
