# Why a health score is what it is.

health-loses = { $title } takes { $points } points
