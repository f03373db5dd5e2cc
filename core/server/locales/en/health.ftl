# Why a health score is what it is.

health-loses = { $title } takes { $points } points
stale-plugin-disabled = The plugin { $plugin } is disabled. Enable it to compute this score anew.
stale-plugin-uninstalled = The plugin { $plugin } is not installed. Install it to compute this score anew.
stale-plugin-failed = The plugin { $plugin } failed: { $told }. Its calls say more to whoever looks after plugins.
