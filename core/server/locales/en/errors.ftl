# What is wrong, and what to do about it. One message for each code; the names in braces are the
# parameters that the domain gives with the problem.

not-found = There is no such record in this workspace: { $kind }. Check what you named; it may have been removed.
bad-id = This is not an id of the right kind: { $kind }. Use one as the API gave it out.
bad-cursor = This cursor does not belong to this list in this order. Begin again without it.
bad-page = Ask for 1 to { $max } rows, either with “first” and “after” or with “last” and “before”.
required = A value is needed here.
one-needed = Give one of these: { $names }.
too-long = This is longer than { $max } characters. Shorten it.
too-many = { $of ->
    [periods] These days make more than { $max } periods. Ask for fewer days, or for longer periods.
    [cohorts] These days make more than { $max } cohorts. Ask for fewer days.
    [rows] There are more than { $max } records to look at. Ask for fewer days or accounts.
    [levels] Filters may stand in one another on { $max } levels at most. Take out a level.
    [filters] A filter may be made of { $max } filters at most. Leave some out.
    [values] No more than { $max } values are allowed here. Leave some out.
   *[other] No more than { $max } items are allowed here. Leave some out.
}
out-of-range = { $max ->
    [none] Give a value of { $min } or more.
   *[other] Give a number from { $min } to { $max }.
}
bad-format = { $form ->
    [text] This text contains control characters. Remove them.
    [line] This must be one line. Remove the line breaks.
    [key] Use 1 to 60 of the letters a–z, digits, “-” and “_”, beginning with a letter or a digit.
    [email] This is not an e-mail address. Write it as name@example.com.
    [number] This is not a number. Write it in digits.
    [integer] This is not a whole number. Write it in digits, without a fraction.
    [string] This is not a text. Write it in quotation marks.
    [boolean] Write true or false here, without quotation marks.
    [object] This is not an object. Write properties in braces.
    [true] Only true says something here. Leave this out, or choose another way.
    [country] Give the country as the two capital letters of ISO 3166-1, such as BR.
    [cnpj] This is not a valid CNPJ. Check its digits.
    [currency] This is not a currency in use. Give it as the three capital letters of ISO 4217, such as BRL.
    [date] This is not a date from 1900 to 2999. Write it as 2026-01-31 or 31/01/2026.
    [products] Write each product as its key, “=” and an amount, and “|” between them: crm=100.00|bot=50.00.
    [amount] This is not a clear amount. Write it with two decimals, such as 1234.50, and a currency as R$ or BRL beside it.
    [cells] The row has more or fewer cells than the first line. Look for a separator in a text.
    [user] Nobody in the workspace has this e-mail address. Add the user first.
    [json] This line is not one object of JSON. Write one object a line, each property once.
    [base64] This is not base64. Send the bytes of the file as RFC 4648 has it.
   *[other] This does not have the form that is needed here: { $form }.
}
unfit = This does not fit what the plugin asks for: { $told }
bad-plugin = This file cannot be installed: { $told }
plugin-unavailable = { $told ->
    [DISABLED] The plugin { $plugin } is disabled. Enable it, or choose something that does not need it.
    [UNINSTALLED] The plugin { $plugin } was uninstalled. Install it again, or choose something that does not need it.
   *[other] The plugin { $plugin } did not answer: { $told }. Its calls say more to whoever looks after plugins.
}
not-granted = The plugin { $plugin } asks for “{ $operation }”, which this workspace has not granted it. Agree to it by installing the plugin anew.
unknown-time-zone = This time zone is not known. Use a name of the IANA database, such as America/Sao_Paulo.
unknown-option = This is not an option in use of “{ $set }”. Choose one of its options, or add it there first.
unknown-word = This is not one of the words that are allowed here. Choose one of them: { $words }.
unknown-field = { $words ->
    [none] There are no properties here. Remove this one.
   *[other] There is no such property here. Remove it, or choose one of these: { $words }.
}
taken = Another record has this value already. Choose another one.
role-held = Somebody held this role from { $min } to { $max }. Give days before or after; on the day of a handover two may hold it.
conflict = The record was changed since you read it; it is now in version { $current }. Read it again and repeat your change.
archived = This record has been put away. Restore it first, or choose another one.
contact-erased = What was kept of this person has been erased. Nothing more is kept of them; add a new contact.
erased-before = Somebody known by this was erased. Neither files nor other systems bring them back: take it out. If the person has agreed anew, add the contact by hand.
built-in = This record is built in and cannot be changed so.
contradiction = This does not go together with “{ $with }”. Change one of the two.
cycle = The account would be above itself. Choose another parent.
below-cycle = The accounts above this one would be above themselves. Choose other parents for them first.
too-deep = Accounts can be parts of one another on { $max } levels at most. Choose a parent that is higher up.
backfill-needed = A time of the past can be said here only by an import, or by a request with the header Jornada-Origin: BACKFILL. Send it so, or leave it out.
too-early = This is too early. Give { $min } or later.
too-late = This is too late. Give { $max } or earlier.
user-inactive = This user is deactivated. Choose an active one, or reactivate this one first.
reassign-needed = This user still holds accounts or tasks. Say who takes them over.
stands-in-template = This user is to do the task “{ $task }” of the template “{ $template }”. Name somebody else there first.
last-owner = A workspace always has an owner. Make somebody else an owner first.
bad-scope = “{ $scope }” cannot be given: it is no scope, or it is beyond your rights or those of the user.
account-not-running = This account is paused or churned, and its journeys stand still. Resume it first.
bad-status-change = The status of the account, { $status }, does not allow this. Change the status first.
task-not-open = { $status ->
    [PENDING] This task is not open yet. It opens when the tasks before it are finished.
    [PREPARING] This task is not open yet. Wait until it is.
    [DONE] This task is done already. Reopen it first if there is more to do.
    [SKIPPED] This task was skipped. Reopen it first if it is to be done after all.
    [CANCELLED] This task was called off and stays so. Write down a new one.
   *[other] This task is not open, but { $status }.
}
task-blocked = { $reason ->
    [OPEN_CRITICAL_RISK] This task waits until the account has no open critical risk. Close the risk first, or skip the task with a reason.
   *[other] This task is blocked: { $reason }
}
task-of-journey = This task belongs to a journey and cannot be called off alone. Skip it, or move the journey.
not-for-type = A task of the type { $type } takes no such value. Leave it out.
task-not-finished = This task is not finished, so it cannot be opened again.
visit-ended = The pass through the stage that this task belongs to has ended. Only tasks of the current one can change.
journey-ended = This journey has ended. Start a new one.
bad-move = The journey cannot be moved so from where it is. Choose a stage of its template.
not-draft = Only a draft can be changed. Make a new draft of the template.
not-published = Only a published version can be used here. Publish it first.
stage-gone = The journey is in the stage “{ $stage }”, which this version no longer has. Name the stage to go on with.
unknown-stage = The version has no stage with this key. Choose one of its stages.
unknown-task = The stage has no task with this key. Choose one of its tasks.
only-one = Only one contact of an account is whom one turns to first, and line { $line } says that of another. Keep it in one of the two.
duplicate-key = This stands twice. Keep it once, or give one of them another key.
no-stages = A template needs at least one stage. Add one.
empty-stage = This stage would end as soon as it begins. Give it a required task or a minimum duration.
unreachable-stage = Nothing leads to this stage. Change what follows the stages before it, or remove it.
bad-loop = “{ $stage }” is not this stage or an earlier one. A loop goes back: choose such a stage.
no-end = Nothing follows the last stage. Let it complete the journey or loop back.
unknown-task-type = There is no task type “{ $type }”. Choose one that is installed.
already-decided = This was decided already. Look at what came of it.
unknown-attribute = There is no attribute “{ $key }” in use here. Define it first, or correct the key.
wrong-type = { $type ->
    [TEXT] This attribute is a text. Give it as “text”.
    [NUMBER] This attribute is a number. Give it as “number”.
    [BOOLEAN] This attribute is yes or no. Give it as “boolean”.
    [DATE] This attribute is a day. Give it as “date”.
    [OPTION] This attribute is an option. Give it as “optionId”.
    [MONEY] This attribute is an amount. Give it as “money”.
   *[other] This attribute has another type: { $type }.
}
unknown-product = There is no product “{ $key }” here. Add it first, or correct the key.
unknown-metric = This metric is not known, or it was put away. Choose another one.
key-reused = This batch key belongs to a load of other content. Give this load a key of its own.
superseded = A later request has begun this load anew. Look there for what came of it.
unknown-survey = This survey is not known, or it was put away. Choose another one.
not-awaited = The journey is not waiting for this indicator. Record it when its stage is under way.
not-a-sandbox = Only a sandbox has a clock that can be advanced. This is a production workspace: use a sandbox.
owner-needed = Only an owner may do this. Ask one.
already-closed = This is no longer open, but { $status }. Reopen it first, or make a new one.
not-approved = The plan asks for more rights than the plugin has: { $operations }. Approve it first.
plan-outdated = The plugin was changed after this plan was made, so that it would change something else now. Discard it and propose the file again.
other-kind = A plugin of this key is, or was, a { $kind ->
    [HEALTH_SCORE] health score
   *[other] type of tasks
 }, and a plugin never changes its kind. Give the new one another id.
not-receiver = Only the receiver of the handoff, or somebody who leads, may do this. Ask one of them.
checklist-open = { $count ->
    [one] One thing on the checklist is not done. Do it first, or give a reason to accept all the same.
   *[other] { $count } things on the checklist are not done. Do them first, or give a reason to accept all the same.
}
items-undecided = { $count ->
    [one] One deferred item of this review is undecided. Decide about it first.
   *[other] { $count } deferred items of this review are undecided. Decide about each of them first.
}

# Top-level errors.

unauthenticated = No valid token came with the request. Send one as “Authorization: Bearer …”.
forbidden = The token lacks the scope { $scope }. Ask somebody who may give it.
try-again = Somebody else was changing the same records at that moment, and nothing was changed. Send it again.
internal = Something went wrong on our side. Try again; if it stays so, tell your administrator the request id.
