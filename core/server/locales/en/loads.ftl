# Why the content of a load of metric points is no lines, and what to do, by the codes of the API.

load-not-gzip = The content is not gzip, or was damaged, after line { $after }. Pack it again, or send it plain, without “Content-Encoding”.
load-cut-off = The content after line { $after } was cut off or was damaged: its gzip has no end. Send all of it again with the same key.
load-not-utf8 = The text of line { $line } is not UTF-8. Save it as UTF-8, or say that it is packed, and send it again.
load-line-too-long = What begins in line { $line } is longer than { $max } bytes. Write one point a line.
load-too-many-lines = There are more than { $max } lines. Split the load, and give each part a key of its own.
load-payload-too-large = The content is larger than { $max } bytes. Split the load, and give each part a key of its own.
load-unpacks-too-far = The content unpacks to more than { $ratio } times what was sent. Send lines of points only, or send them plain.
load-silent = Nothing came for { $seconds } seconds after line { $after }. Send all of it again with the same key.
load-too-slow = The load takes longer than { $seconds } seconds; it came to line { $after }. Split it, and give each part a key of its own.
load-lost = The content ended after line { $after }: { $reason }. Send all of it again with the same key.
