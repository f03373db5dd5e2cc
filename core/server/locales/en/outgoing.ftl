# What messages say that leave the building, by their kinds.

message-journey-held = The journey of { $account } was stopped: it has gone through the same stage too often. Move it on.
message-renewal-due = { $notice ->
    [none] The subscription of { $account } ends on { $date }. Speak about its renewal.
   *[other] The subscription of { $account } ends on { $date }, and notice can be given until { $notice }. Speak about its renewal.
}
message-plugin-notice = About { $account }: { $text }
