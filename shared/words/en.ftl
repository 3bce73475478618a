### What Gusset says in English. One message is one line, but for the forms of a plural.

## Activity

activity-title = Activity
activity-with = Activity with { $name }
activity-back = ← Activity with { $name }
activity-send = Send items
activity-terms = Change what is sent
activity-unread = Not read yet
one-rfi = RFI
one-working-hours = Working hours
one-note = Note

## How many items came to what, day by day

chart-delivered = delivered
chart-under-way = on the way
chart-held = waiting
chart-failed = failed or cancelled
chart-days = { $days } days
chart-newest = of the newest { $number }
chart-label = { $number } items in { $days } days

## One delivery

delivery-sent = { $what } sent to { $name }
delivery-received = { $what } from { $name }
delivery-author = by { $name }
delivery-timeline = Timeline
delivery-heard = Received from Procore
delivery-reference = Reference { $reference }
delivery-untried = Reference { $reference }, not tried yet
delivery-tried = { $count ->
    [one] Reference { $reference }, tried once
   *[other] Reference { $reference }, tried { $count } times
}
delivery-next-try = { $reason }. Next try { $at }.
mend-account = Make the service account again
mend-manager = Choose a Connected RFI Manager
mend-pause = Resume the connection
mend-manager-role = Choose another Connected RFI Manager
delivery-in-procore = Open in Procore
delivery-second-copy = Send a second copy
delivery-send-anyway = Send anyway
delivery-retry = Retry

## Deliveries that stand still for one reason

group-at-least = At least { $items }
group-failed = { $items } failed: { $name }
group-manager = { $count ->
    [one] { $items } waits: choose an RFI manager for { $name }
   *[other] { $items } wait: choose an RFI manager for { $name }
}
group-paused = { $count ->
    [one] { $items } waits: { $name } is paused
   *[other] { $items } wait: { $name } is paused
}
group-for-you = { $count ->
    [one] { $items } waits for you: { $name }
   *[other] { $items } wait for you: { $name }
}
group-for-them = { $count ->
    [one] { $items } waits for { $name }
   *[other] { $items } wait for { $name }
}
mend-pause-there = To the connection, to resume it
group-open = Open
group-show = Show
group-reminded = Reminded by { $name }, { $at }. They can be reminded again from { $next } on.
group-remind = Remind them
group-managers-later = Whom you can choose shows here once Procore answers.
group-retry = { $count ->
    [one] Retry
   *[other] Retry { $count }
}

## The table

chip-all = All
chip-attention = Needs attention
chip-under-way = On the way
chip-delivered = Delivered
chip-cancelled = Cancelled
filter-sent = Sent
filter-received = Received
filter-search = Search
filter-search-hint = Number, subject, author, reference
filter-direction = Direction
filter-both = Sent and received
filter-since = From
filter-until = To
filter-go = Filter
filter-clear = Clear
filter-csv = Export CSV
filter-found = { $count ->
    [one] { $number } item
   *[other] { $number } items
}
filter-csv-cut = The file has the first { $most } of { $found } items. Choose times for the others.
chips-by-status = By status
chips-by-tool = By tool
chip-all-tools = All tools
views = Saved views
view-save = Save this view…
view-name = Name of the view
view-save-it = Save view
view-delete = Delete a view…
view-to-delete = View to delete
view-choose = Choose a view
view-delete-it = Delete view
many-retry = Retry selected
many-dismiss = Dismiss selected
many-retry-all = Retry all { $number }
many-dismiss-all = Dismiss all { $number }…
many-dismiss-what = They are cancelled, on both sides. Each can still be sent by hand later.
many-dismiss-them = Dismiss { $number }
column-tick-all = Tick all on this page
column-tick = Tick
column-number = No.
column-subject = Subject
column-tool = Tool
column-project = Project
column-author = Author
column-status = Status
column-files = Files
column-created = Created
column-changed = Changed
row-tick = Tick { $title }
row-to = to { $name }
row-from = from { $name }
row-says = { $title }: { $status }
row-in-part = { $status }, in part
rest-not-found = No item like this was found.
rest-not-found-cut = No item like this was found among the newest 10,000. Choose a time to look further back.
rest-nothing-older = There is nothing older.
rest-nothing-yet = Nothing has travelled yet. New items show up here by themselves.
rest-nothing = Nothing has travelled.
rest-older = Older
rest-newest = To the newest

## The front page of whoever is not signed in

picture-riser = Riser 2 has no sleeve at level 4
picture-conduit = Conduit clashes with beam B4
picture-anchor = Which anchor at grid line 7?
picture-workers = 6 workers, 48 hours, formwork
picture-rain = Rain until noon, no crane
picture-slab = Slab opening at stair B
picture-rfi = RFI
picture-hours = Working hours
picture-note = Note
picture-received = Received
picture-sent = Sent
picture-delivered = Delivered
picture-waiting = Waiting
picture-sending = Sending
picture-failed = Failed
picture-yesterday = Yesterday
landing-sign-in = Sign in with Procore
landing-claim = Two companies, one building
landing-lead = Gusset connects your Procore project with the project of the company you work with. RFIs and Site Diary entries that one side creates arrive on the other, once, and stay.
landing-admin = You need Admin on the project's Admin tool to connect it.
landing-contractors = For general contractors
landing-contractors-why = See the RFIs of every trade in your own project, with your own numbers, manager and due dates. Forty projects are one table: what needs you comes first.
landing-trades = For trades and consultants
landing-trades-why = Work in your own Procore project. What your client has to know is sent automatically, or only when you send it: that is your choice, for each connection and tool.
landing-relying = For whoever has to rely on it
landing-relying-why = Each company keeps its own copies, also after you disconnect. Each item arrives exactly once, and says what became of it, or who can help it on.
landing-estimators = Do you price work?
landing-estimators-why = Drawings, specifications and documents of every project that you are invited to come into one bid calendar, and stay current.
landing-estimators-link = For estimators: keep plans in sync
landing-title = RFIs and Site Diaries between companies
picture-label = The Activity of a connection: a table of RFIs, working hours and notes, each with its number on both sides, and whether it was delivered, waits or failed.
picture-where = Pier 9 Tower / Southside Electrical
picture-wait = 15 RFIs wait
picture-mend = Choose an RFI manager for Pier 9 Electrical

## What a form has done

done-asked = Request sent. We'll email you the answer, and it will show here.
done-accepted = The two projects are connected.
done-declined = The request is declined.
done-reminded = The reminder is sent.
done-withdrawn = The request is withdrawn.
done-disconnected = The projects are disconnected. What was copied stays.
done-paused = Paused. What is new waits until you resume the connection.
done-resumed = Resumed. What waited for that is being sent now.
done-saved = Saved.
done-replaced = The project has a new code. The old one has stopped.
done-webhook-secret = The webhook secret is replaced. The previous one works for one more hour.
done-sent = On its way. What becomes of each item is shown here.
done-backfill = They are being sent. How far it is shows here.
done-backfill-paused = Paused. Nothing more sets out until somebody resumes it.
done-backfill-resumed = It goes on.
done-backfill-cancelled = Cancelled. What had set out is finished; what had not is not sent.
done-retried = Trying again. What becomes of it is shown here.
done-many = Done. What becomes of each item is shown here.
done-view = The view is saved.
done-view-deleted = The view is deleted.
done-manager = Saved. What waited for it goes on now.
done-deleted = The service account is deleted. What arrives waits until it is made again.
done-refreshing = Gusset looks for news in Procore now.
done-parted = Procore is disconnected. Your projects and plans stay as they are.
done-calendar = Your calendar has a new address. The former one has stopped: subscribe again where you use it.
done-packing = The plans are being packed. The download shows here as soon as it is ready.
done-link = We have sent you a link. It may take a minute, or lie in your spam folder.

## Problems, and what is said while Procore does not answer

problem-reloads = This page loads itself again in { $seconds } s.
problem-admins = Admins of this project are:
problem-again = Try again
problem-to-connections = To the project's connections
problem-to-plans = To plan sync
problem-to-projects = To your projects
busy-since = Procore is busy, updated { $ago }. What is new there shows here once it answers.
busy = Procore is busy. What is missing here shows once it answers, and what you have typed or ticked stays.
busy-again = Trying again in { $seconds } s.
busy-try = Try again
busy-lately = less than a minute ago
busy-minutes = { $minutes } min ago

## Problems: their titles, and what is wrong and can be done

problem-bad-request-title = The request cannot be understood
problem-bad-request-detail-sign-in = The address lacks what Procore adds to it after a sign-in.
problem-bad-field-title = Please check this field
problem-not-signed-in-title = Sign in first
problem-not-signed-in-detail = Sign in with your Procore account to go on.
problem-not-signed-in-detail-ended = Your session has ended. Sign in again.
problem-not-signed-in-detail-procore = Procore does not let Gusset act for you any more. Sign in again.
problem-not-signed-in-detail-account = Sign in to your estimating account to go on.
problem-not-signed-in-detail-gone = The account is not there any more. Sign in again.
problem-not-signed-in-detail-other = You are signed in to another estimating account than the one that you were about to connect.
problem-people-only-title = Service accounts cannot do this
problem-people-only-detail = Service accounts can only send items and read deliveries. Everything else is done by people who are signed in.
problem-not-admin-title = You are not an admin of this project
problem-not-admin-detail = Connections are managed by people with Admin on the project's Admin tool in Procore. Ask one of them, or have them give you that permission.
problem-not-found-title = Not found
problem-not-found-detail = There is no such { $what }, or you have no access to it.
thing-project = project
thing-project-in-procore = project in Procore
thing-project-in-account = project in your account
thing-connection = connection
thing-service-account = service account
thing-delivery = delivery
thing-backfill = backfill
thing-plan = plan
thing-revision = revision
thing-picture = picture
thing-calendar = calendar
thing-page = page
thing-file = file
thing-endpoint = endpoint
thing-item = item
thing-rfi = RFI
thing-working-hours = working-hours entry
thing-note = note
problem-changed-meanwhile-title = Somebody else has just changed this
problem-changed-meanwhile-detail = Look at how it stands now, and try again if you still want to.
problem-too-many-detail = { $minutes ->
    [one] { $why } Try again in a minute.
   *[other] { $why } Try again in { $minutes } minutes.
}
problem-item-hidden-title = You cannot see this item in Procore
problem-item-hidden-detail = Procore does not show you this { $what }: it may be private, gone, or in a tool to which you have no access. Gusset does nothing with it on your behalf. Ask somebody who can open it in Procore, or a project admin for access to the tool.
problem-internal-title = Gusset has a problem
problem-internal-detail = Something went wrong on Gusset's side. Nothing was lost; please try again in a minute.
problem-too-large-title = The body is too large
problem-too-large-detail = The body has { $has } bytes; at most { $most } are taken.
problem-foreign-origin-title = The request comes from another site
problem-foreign-origin-detail = For your protection this is only done from Gusset's own pages. Open Gusset and do it there.
problem-mail-unavailable-title = The email could not be sent
problem-mail-unavailable-detail = The list is saved, but { $address } could not be asked whether it wants these emails. Save it again shortly.
problem-link-expired-title = This link has expired
problem-link-expired-detail-cadence = It works for { $days } days, and has to be copied whole. The next email has a new one.
problem-link-expired-detail-question = It works for { $days } days, and has to be copied whole. A project admin can send another one.
problem-too-many-questions-title = Too many addresses to ask
problem-too-many-questions-detail = { $address } is nobody's in the project's directory, so it has to be asked first whether it wants these emails. It, or others of your list, were asked several times lately. Nothing was changed.
problem-too-many-views-title = Too many saved views
problem-too-many-views-detail = You have { $most } saved views in this project. Delete one first.
problem-too-many-projects-title = Too many projects that you cannot see
problem-too-many-projects-detail = You have asked for many projects that Procore does not show you.

## Problems: what Procore answers, and signing in there

problem-procore-forbids-title = Procore does not allow this
problem-procore-forbids-detail = Procore says: { $said }. An admin of the company in Procore can change that.
problem-procore-app-title = Gusset cannot reach Procore
problem-procore-app-detail = Procore refuses Gusset itself. Whoever operates Gusset has to mend that, and has been alerted. You are still signed in and nothing was changed; try again later.
problem-procore-refuses-title = Procore refuses this
problem-procore-refuses-detail = Procore says: { $said }.
problem-procore-busy-title = Procore asks to wait
problem-procore-busy-detail = Procore's limit for this company is used up for the moment. Nothing was changed; try again shortly.
problem-procore-busy-title-items = Procore is busy
problem-procore-busy-detail-items = Procore did not show all items, so nothing was sent. Try again in a moment.
problem-procore-unavailable-title = Procore is not available
problem-procore-unavailable-detail = Procore says that it is not available for the moment. Try again shortly.
problem-procore-unavailable-title-unheard = Procore does not answer
problem-procore-unavailable-detail-unheard = Procore could not be reached or answered with an error of its own. Try again in a minute.
problem-sign-in-declined-title = You did not sign in
problem-sign-in-declined-detail = Procore says that the sign-in was declined. Gusset needs your consent to act for you.
problem-sign-in-expired-title = This sign-in has expired or was already used
problem-sign-in-expired-detail = It was used already, took longer than ten minutes, or was started in another browser.
problem-sign-in-refused-title = Procore did not accept the sign-in
problem-sign-in-refused-detail = The code that Procore gave has been used or has expired.
problem-not-a-company-admin-title = This Procore login cannot be connected
problem-not-a-company-admin-detail = Only a Procore admin account can be connected: one that has Admin on the Admin tool of its company. This login has that in no company. Ask an administrator of your company to connect, or to give you that permission.
problem-not-a-company-admin-detail-no-company = This Procore login sees no company in which Gusset's app is installed. An administrator of your company installs it in Procore's App Management.

## Problems: connections

problem-own-project-title = This is your own project's code
problem-own-project-detail = This is your own project's code. Type the code of the project you want to connect to.
problem-already-connected-title = Already connected
problem-already-connected-detail = The two projects are connected already.
problem-already-asked-title = Already asked
problem-already-asked-detail = Your project has asked already and awaits the other side's response.
problem-accept-instead-title = They have asked you
problem-accept-instead-detail = The other project has already asked to connect to yours. Accept its request instead.
problem-wrong-side-title = This is for the other project to do
problem-wrong-side-detail-answer = Only the project that was asked can accept or decline the request.
problem-wrong-side-detail-remind = Only the project that asked can send a reminder.
problem-wrong-side-detail-withdraw = Only the project that asked can withdraw the request. You can decline it.
problem-wrong-side-detail-resume = Only the project that paused the connection can resume it.
problem-wrong-state-title = The connection has moved on
problem-wrong-state-detail-answer = The request is not pending any more.
problem-wrong-state-detail-remind = The request has been answered: there is nothing to remind of.
problem-wrong-state-detail-ended = The connection has ended.
problem-wrong-state-detail-paused = Your project has paused this connection already.
problem-wrong-state-detail-not-paused = The connection is not paused.
problem-wrong-state-detail-pause = A connection is paused only while the two are connected.
problem-wrong-state-detail-account-deleted = Your project's service account has been deleted already.
problem-wrong-state-detail-account-made = Your project has a service account for this connection.
problem-wrong-state-detail-accounts = There are service accounts only while the two are connected.
problem-wrong-state-detail-not-connected = Nothing waits where the two are not connected.
problem-wrong-state-detail-nothing-waits = Nothing waits for the other side: there is nothing to remind of.
problem-too-soon-title = Not yet
problem-too-soon-detail = A reminder may be sent once an hour. The next one may be sent at { $at }.
problem-project-inactive-title = The project is not active
problem-project-inactive-detail = The project is closed in Procore. Make it active there to connect it.
problem-project-inactive-title-of = A project is not active
problem-project-inactive-detail-of = The project { $project } of { $company } is closed in Procore. An admin of { $company } has to make it active there. Then accept again.
problem-app-not-permitted-title = Gusset is not permitted in a project
problem-app-not-permitted-detail = Gusset is not let into the project { $project } of { $company }. An admin of { $company } has to install the Gusset app in Procore's App Management and permit it for this project. Then accept again. (Procore says: { $said }.)
problem-app-not-permitted-detail-unseen = Gusset cannot see the project { $project } of { $company }. An admin of { $company } has to permit the Gusset app for this project in Procore's App Management. Then accept again.
problem-connections-closed-title = No new connections
problem-connections-closed-detail = New connections are closed. Existing connections keep working. Questions go to { $contact }; name project { $project }.
problem-connections-closed-detail-selected = New connections are open to selected projects only. To have this project added, write to { $contact } and name project { $project }. Existing connections keep working.
problem-too-many-misses-title = Too many wrong codes
problem-too-many-misses-detail = Too many codes that do not exist were typed. Codes can be typed again at { $at }.
problem-asked-lately-title = Asked a short while ago
problem-asked-lately-detail = Your project has asked this one within the last hour. The other project can ask yours at any time.
problem-too-many-invitations-title = Too many connection requests
problem-too-many-invitations-detail = Many connections were requested within the last hour, by you or of this project.
problem-unknown-code-title = No project has this code
problem-unknown-code-detail = Check the code with the person who gave it to you: it may have been mistyped, or replaced by a new one.

## Problems: sending items

problem-not-connected-title = The two projects are not connected
problem-not-connected-detail = Items are sent over a connection while it is connected. This one is not.
problem-not-sent-title = Your project does not send these
problem-not-sent-detail = Your project sends no { $tool } over this connection, not even by hand. Change that in the connection's settings first.
problem-not-accepted-title = They do not accept RFIs
problem-not-accepted-detail = { $name } does not accept RFIs.
problem-is-copy-title = It came from there
problem-is-copy-detail = This item is a copy: it came from { $name }, which has the original.
problem-too-many-copies-title = There are many copies of it
problem-too-many-copies-detail = This item has been copied { $times } times into that project already.
problem-already-delivered-title = It is there already
problem-already-delivered-detail = This item has been delivered. There is nothing to try again.
problem-cancelled-title = It was not sent
problem-cancelled-detail = { $reason }. Someone of the project that it is in can send it by hand: Activity → Send anyway.
problem-cancelled-detail-not-accepted = { $reason }. Once they do, it can be sent by hand.
problem-cancelled-title-ended = The connection has ended
problem-cancelled-detail-ended = The connection ended before this item was delivered. Connect the projects again to send it.
problem-some-refused-detail = It was done for { $done }, and not for { $refused }. { $detail }
problem-some-refused-detail-sent = { $sent } were sent, { $refused } were not. { $detail }
problem-backfill-running-title = Items are being sent already
problem-backfill-running-detail = { $name } started sending { $total } items over this connection, and { $left } of them are left. Wait until they are sent, or cancel that first.
problem-nothing-to-send-title = There is nothing to send
problem-nothing-to-send-detail = Everything that fits was sent before, or may not be sent together with others. Private items are sent one by one.
problem-wrong-state-title-backfill = That is not possible now
problem-wrong-state-detail-backfill-over = It has ended already.
problem-wrong-state-detail-backfill-paused = It is paused already.
problem-wrong-state-detail-backfill-running = It is not paused.

## Problems: plan sync

problem-link-expired-title-sign-in = This link has expired or was already used
problem-link-expired-detail-sign-in = A link works once, within { $minutes } minutes. This one was used, is older, or was not copied as a whole.
problem-too-many-codes-title = Too many wrong codes
problem-too-many-codes-detail = { $tries } wrong codes were typed. The link works in the browser that asked for it. Or ask for a new one here.
problem-too-many-links-title = Too many links were asked for
problem-too-many-links-detail = { $minutes ->
    [one] Look whether one has arrived, in your spam folder, too. The next can be asked for in { $minutes } minute.
   *[other] Look whether one has arrived, in your spam folder, too. The next can be asked for in { $minutes } minutes.
}
problem-mail-unavailable-title-sign-in = The mail could not be sent
problem-mail-unavailable-detail-sign-in = Gusset cannot send mails for the moment. Try again shortly.
problem-not-connected-title-plans = Your account is not connected to Procore
problem-not-connected-detail-plans = No Procore login is connected. Connect one on the page App Integrations first.
problem-nothing-to-pack-title = There is nothing to pack
problem-nothing-to-pack-detail = No file of this project's current plans is here yet.
problem-archive-not-ready-title = The archive is not ready
problem-archive-not-ready-detail = It is being packed, could not be packed, or was not asked for. Ask for it, and wait until it is ready.
problem-file-not-here-title = The file is not here
problem-file-not-here-detail = It has not been copied from Procore yet. Try again shortly.
problem-file-not-offered-title = There is no file
problem-file-not-offered-detail = Procore hands out no file for this revision.
problem-plan-name-locked-title = A plan's name cannot be changed here
problem-plan-name-locked-detail = names of synced plans come from Procore

## Problems: what is wrong with a field

problem-bad-field-detail-code = A connection code has 8 digits, for example 1234 5678.
problem-bad-field-detail-manager = This person cannot be the manager of RFIs in this project. Choose one of the potential RFI managers.
problem-bad-field-detail-refused-manager = RFIs that are not accepted have no manager. Name a manager, or say that you accept none.
problem-bad-field-detail-reviewer = Choose who reviews RFIs from them, or say that you don't accept RFIs.
problem-bad-field-detail-recipient = No email can be sent to { $address }.
problem-bad-field-detail-recipients = At most { $most } addresses can get a project's emails; a group's address counts as one.
problem-bad-field-detail-no-address = "{ $told }" is no address. { $wrong }
problem-bad-field-detail-email = An e-mail address such as gina@harbour.example is expected.
problem-bad-field-detail-mailbox = No mail can be sent to this address.
problem-bad-field-detail-view = A name has 1 to { $most } characters, in one line.
problem-bad-field-detail-account = A service account's name is one line of 1 to 100 characters.
problem-bad-field-detail-tick = Tick at least one item.
problem-bad-field-detail-tick-stopped = Tick at least one item that waits or failed.
problem-bad-field-detail-too-many-items = { $count } items fit, and { $most } can be sent at once. Choose a shorter time, or one tool.
problem-bad-field-detail-label = A label has at most { $most } characters.
problem-bad-field-detail-note = A note has at most { $most } characters.
problem-bad-field-detail-due = A date and time is expected, such as 2026-11-24T17:00:00+01:00.
problem-bad-field-detail-due-where = Which time zone is meant? Add an offset such as +01:00, or a time zone such as Europe/Berlin.
problem-bad-field-detail-due-zone = There is no such time zone. One is called, for example, Europe/Berlin.
problem-bad-field-detail-due-year = Bids are due in a year from { $from } to { $to }.

## Deliveries: who set one going, and what came of it

why-picked = Picked by { $name }
why-picked-program = Picked by a program, with the service account of { $project }
why-picked-with-others = Picked by { $name }, with others
why-again = Tried again by { $name }
why-dismissed = Dismissed by { $name }
why-cancelled = Cancelled by { $name }
why-ended = The connection ended
arrival = Created in { $project }
arrival-draft = Draft created in { $project }
arrival-found = Found in { $project }: it had been created before
arrival-source-gone = { $created }. Its original was deleted meanwhile, so files may be missing
arrival-copy-gone = { $created }, and deleted there before its files were added
arrival-disconnected = { $created }. The connection ended before all its files were added

## Deliveries: why one waits, is tried again or failed

reason-no-access = Gusset has no access to { $project } of { $company }. An admin of { $company } gives it in Procore: Company Admin → App Management → Gusset → permitted projects → { $project }. Items go on within 15 minutes of that, or press Retry.
reason-no-permission = Gusset needs { $level } on the { $tool } tool in { $project }. An admin of { $project } grants it in Procore: Directory → Gusset → { $tool } → { $level }. Items go on within 15 minutes of that, or press Retry.
reason-quoted = { $reason } Procore says: “{ $said }”
reason-not-there = It is not in { $project } any more, or Gusset may not see it there
reason-manager-role = { $name } may not be an RFI manager in { $project } any more. Choose another Connected RFI Manager for this connection, or give { $name } the role again in Procore: Directory → { $name } → RFIs → Act as RFI Manager. It goes on within 15 minutes of that, or press Retry
reason-manager-role-somebody = The Connected RFI Manager
reason-open-day = The Site Diary of { $project } is closed for { $day }. Reopen that day in Procore (Daily Log → the day → Reopen); it goes on within 15 minutes of that, or press Retry
reason-open-day-some = its day
reason-rejected-rfi = { $project } rejected this RFI: “{ $said }”
reason-rejected-working-hours = { $project } rejected this entry of working hours: “{ $said }”
reason-rejected-note = { $project } rejected this note: “{ $said }”
reason-confirmation = It is private in { $source }. Someone of { $source } has to confirm that { $target } may get it: Activity → Send anyway
reason-approval = It waits for approval in { $project }. Approve it there, then press Retry
reason-manager = { $project } has not chosen a Connected RFI Manager for this connection yet
reason-needs-manager = no Connected RFI Manager is chosen
reason-paused = Paused by { $name } of { $company }
reason-account = { $why }. What arrives in { $project } waits until an admin of { $project } makes it again
reason-account-none = { $project } has no service account for this connection
reason-account-deleted = { $name } deleted { $project }'s service account for this connection on { $day }
reason-last-attempt = Procore may still be at the last attempt
reason-wait = Procore asked to wait
reason-no-answer = Procore did not respond
reason-procore-problem = Procore had a problem of its own (error { $status }): { $said }
reason-list-changed = Procore's list changed while it was read
reason-app = Procore refuses Gusset itself, which its operator has to mend
reason-changed = The connection has just been changed
reason-late = Its attachments take a worker with more time
reason-file-again = { $name } is tried again
reason-storage = the storage of its attachments does not answer
reason-given-up = Given up after { $attempts } attempts: { $why }
reason-no-end = no attempt came to an end

## Deliveries: why one is not sent

because-connection-ended = The connection ended before it was sent
because-switched-off = { $source } does not send { $these } over this connection any more
because-not-accepted = { $target } does not accept { $these }
because-not-automatic = { $source } sends { $these } only when someone sends them
because-draft = It is a draft. It is sent when it is first opened
because-pending = It waits for approval in { $source }. It is sent when it has it
because-private = It is private. Someone of { $source } can send it to { $target } anyway
because-copy = It is a copy itself. Copies are not sent on automatically
because-copy-by-hand = It is a copy itself: { $target } has the original
because-older = It is older than { $source }'s choice to send { $these } automatically
because-deleted = It was deleted in { $source }
because-dismissed = Somebody dismissed it
these-rfis = RFIs
these-working-hours = working hours
these-notes = notes

## RFI managers

manager = RFI manager
manager-choose = Choose a person
manager-save = Save and send { $count }

## Notifications

notifications-title = Notifications of { $name }
notifications-addresses = Email addresses, one a line
notifications-hint = Addresses that are nobody's in the project's directory are asked first. Leave it empty to write to the admins who have opened the project here.
notifications-save = Save
notifications-emails = Emails
notifications-list = The people on this list get the emails about the project's connections.
notifications-admins = The admins who have opened the project here get the emails about its connections.
notifications-nobody = Nobody gets them at the moment.
notifications-asked = was asked, and has not answered yet
notifications-get = Get these emails
notifications-choose = Choose how often you get those about items
notifications-change = Change who gets them

## The API

api-title = API of { $name }
accounts = Service accounts
accounts-what = Each connection acts in your project under a service account. A program of yours can use it, too, to send items over that connection and to read what became of them: { $api } says how.
accounts-api = the API
accounts-script = Changing service accounts needs JavaScript. Everything else works without it.
accounts-none = None yet: they come with the first connection.
account-for = For the connection with { $name } ({ $company })
account-id = Client id
account-secret = Secret
account-made = Made { $at }
account-no-secret = None yet: programs cannot use the account
account-used = Last used
account-unused = Never
account-rotate = Rotate secret…
account-rotate-what = The current secret and its tokens stop working immediately: a program that uses them stops until it has the new secret, which is shown once.
account-rotate-it = Rotate secret
account-make-secret = Make a secret
account-rename = Rename
account-name = New name
account-save = Save
account-delete = Delete…
account-delete-what = Its secret and tokens stop at once, and what arrives over this connection waits until the account is made again.
account-delete-it = Delete
account-missing = No service account
account-again = Make it again
webhook = Webhook
webhook-what = Procore tells Gusset of new items by a webhook that carries a secret of this project. Replace the secret if somebody who should not know it has seen the webhook's headers.
webhook-secret = Secret
webhook-never = Never replaced
webhook-replaced = Replaced { $at } by { $name }
webhook-replaced-operator = Replaced { $at } by the operator
webhook-previous = Previous secret
webhook-previous-until = Works until { $at }
webhook-waits = Procore does not have the new secret yet. Gusset tries again within 15 minutes.
webhook-replace = Replace webhook secret
webhook-replace-hint = The previous secret works for one more hour, so that nothing on its way is lost.

## The pages of estimating accounts

plans-tabs = Pages of your account
plans-tab-calendar = Bid Calendar
plans-tab-integrations = App Integrations
plans-front = Plan sync
plans-front-lead = Connect your Procore account once, and the plans of your projects come here and stay current.
plans-front-integrations = App Integrations
plans-front-calendar = Bid Calendar
plans-front-integrations-what = Connect Procore, and see what is synced
plans-front-calendar-what = Your projects, when their bids are due, and their plans
plans-sign-in-email = Your e-mail address
plans-sign-in-hint = You get a link that signs you in. It is good for { $minutes } minutes. There is no password, and your account is made when you sign in for the first time.
plans-sign-in-send = Send me a link
plans-sign-in-title = Keep plans in sync
plans-sign-in-lead = For estimators: connect your Procore account once. The drawings, specifications and documents of every project that you are invited to come into your bid calendar, and stay current.
plans-sign-in-fresh = A new revision in Procore is here within minutes, and the former ones stay.
plans-sign-in-yours = What was synced stays yours, even when the access in Procore ends.
plans-sign-in-unchanged = No project in Procore is changed by it.
plans-sign-in-code = Your code
plans-sign-in-code-what = Open the link from the email in this browser. In another browser, or on your phone, it asks for this code.
plans-sign-in = Sign in

## Why a project no longer receives updates

stopped-mark = No longer receives updates
stopped = No longer receives updates from Procore
stopped-why = { $why } What was synced stays.
stopped-to-integrations = To App Integrations
stopped-disconnected = Procore has been disconnected since { $at }. { $why }
stopped-other-login = It came by the Procore login of { $brought }. Now { $name } is connected, who does not see it.
stopped-lost = Since { $at } the Procore login of { $brought } does not see it any more: either it was closed, or { $brought } was taken out of it.
stopped-unconnected = Procore is not connected.
missing-title = { $count ->
    [one] Procore no longer shows { $number } plan of this project's { $kind }
   *[other] Procore no longer shows { $number } plans of this project's { $kind }
}
missing = Nothing has been removed: they stay in the list, in the zip and in your calendar. If Procore still does not show them after { $at }, Gusset marks them as gone. The files stay here in any case.

## All current plans of a project in one file

archive = All plans in one file
archive-packing = Packing… It shows here as soon as it is ready.
archive-packed = Zip, { $size }, packed { $at }
archive-what = The current revision of each plan, in folders, as a zip.
archive-download = Download all
archive-again = Rebuild zip
archive-failed = The plans could not be packed, or have changed meanwhile. Try again.
archive-says-packing = Packing all plans
archive-says-ready = All plans are ready to download

## A plan

plan-says = { $name }, revision { $number }
plan-download = Download
plan-name-locked = { $name }: the name comes from Procore.
plan-label = Label
plan-note = Note
plan-save = Save
plan-own = Label and note
plan-version = Version { $number }
plan-revision = Revision { $number }
plan-obsolete = Obsolete
plan-gone = Gone from Procore
plan-copying = Being copied
plan-copying-kept = Until then, this is the file as it was.
plan-failed = Could not be copied
plan-no-file = Procore hands out no file
plan-gone-since = Procore has not shown it since { $at }. It stays here.
plan-failed-kept = Until it can, this is the file as it was.
plan-previous-versions = Previous versions ({ $count })
plan-previous-revisions = Previous revisions ({ $count })
plan-download-which = revision { $number } of { $name }
plan-former-copying = Being copied.
plan-former-no-file = Procore hands out no file.
plan-former-failed = Could not be copied. { $reason }

## A project's plans

plans-not-whole = Not everything could be read
plans-back = ← Bid Calendar
plans-kinds = Kinds of plans
plans-names = Names of synced plans come from Procore. Labels and notes are yours.
plans-of = Plans of { $name }
plans-none-drawings = No sheets in this group.
plans-not-found-drawings = No sheets match “{ $search }”.
plans-none-specifications = No sections in this group.
plans-not-found-specifications = No sections match “{ $search }”.
plans-none-documents = No documents in this group.
plans-not-found-documents = No documents match “{ $search }”.
plans-unread = Gusset has not looked at this project's plans yet. They show here as they come.
plans-nothing = This project has no plans in Procore that the connected login may see.
due = Bids due
due-none = Procore has no date.
due-by-hand = Set by hand. Procore's dates are not shown.
due-past = past
due-change = Change the date
due-set = Set the date by hand
due-hint = It takes the place of Procore's dates, in the calendar as well.
due-save = Save
due-procore = Use Procore's dates
due-zone = (%)
due-utc = (UTC)
kind-drawings = Drawings
kind-specifications = Specifications
kind-documents = Documents
group-by-discipline = Discipline
group-by-disciplines = All disciplines
group-by-division = Division
group-by-divisions = All divisions
group-by-folder = Folder
group-by-folders = All folders
group-by-no-discipline = Without a discipline
group-by-no-division = Without a division
group-by-no-folder = In no folder
plans-search = Search
plans-search-hint = Number, title, label or note
plans-show = Show
plans-choice = { $group } ({ $count })
plans-pages = Pages of the list
plans-page-back = Back
plans-page-next = Next
plans-page = { $from } to { $to } of { $all }

## The Bid Calendar

calendar = Bid Calendar
calendar-looking = Gusset is looking for your projects in Procore. They show here as they are found.
calendar-progress = See how far it is
calendar-nothing = No projects yet. Connect Procore, and the projects that you see there come here with their plans.
calendar-connect = Connect Procore
calendar-views = Views
calendar-list = List
calendar-month = Month
calendar-search = Search projects
calendar-search-hint = Project, company or bid package
calendar-search-go = Search
calendar-not-found = No project is like “{ $search }”.
calendar-due = Bids due
calendar-no-date = Without a date
calendar-past = Past
calendar-by-hand = set by hand
calendar-others = { $count ->
    [one] { $number } other date
   *[other] { $number } other dates
}
calendar-months = Months
weekday-mon = Mon
weekday-tue = Tue
weekday-wed = Wed
weekday-thu = Thu
weekday-fri = Fri
weekday-sat = Sat
weekday-sun = Sun
calendar-today = Today
calendar-zone = Days and times are in your time zone, %.
calendar-utc = Days and times are in UTC.
subscribe = Subscribe from Outlook, iPhone or Google
subscribe-what = Subscribe to this address, and what is due shows on your phone and in Outlook, and stays current.
subscribe-copy = Copy the address
subscribe-go = Subscribe
subscribe-apple = iPhone, iPad, Mac
subscribe-apple-how = Press { $subscribe } on the device. Or, in Calendar, choose { $add } and paste the address.
subscribe-apple-add = Add Subscription Calendar
subscribe-outlook = Outlook
subscribe-outlook-how = { $add }, then { $subscribe }, and paste the address.
subscribe-outlook-add = Add calendar
subscribe-outlook-subscribe = Subscribe from web
subscribe-google = Google Calendar, Android
subscribe-google-how = On a computer: next to { $others } choose { $from }, and paste the address. It reaches the phone automatically.
subscribe-google-others = Other calendars
subscribe-google-from = From URL
subscribe-who = Whoever knows the address can read the calendar, without signing in. How often it is read anew is up to your calendar: from minutes to a day.
subscribe-replace = Replace the address…
subscribe-replace-what = Should it have come into wrong hands: the calendar gets another address, and this one stops at once, for your own devices as well.
subscribe-replace-it = Replace the address

## App Integrations

integrations = App Integrations
integrations-plans = Your plans
integrations-projects = { $count ->
    [one] { $number } project is in your bid calendar.
   *[other] { $number } projects are in your bid calendar.
}
integrations-calendar = Open the Bid Calendar
integration-none = Not connected
integration-connected = Connected
integration-disconnected = Disconnected
integration = Procore
integration-says = Procore: { $status }
integration-what = Drawings, specifications and documents of all projects that you see in Procore come into your bid calendar, and stay current. No project in Procore is changed.
integration-connect = Connect
integration-hint = It takes a Procore login with Admin on the Admin tool of its company. You can disconnect at any time, and keep what was synced.
integration-login = Login
integration-login-is = { $name } ({ $login })
integration-since = Connected since
integration-refresh-what = What changes in Procore is here within minutes. { $refresh } looks at everything now.
integration-refresh = Refresh
integration-disconnect = Disconnect…
integration-disconnect-what = Gusset gives back its access to Procore, and plans are not updated any more. Your projects and plans stay.
integration-disconnect-it = Disconnect
integration-ended = Plans are not updated any more
integration-ended-why = { $why } Your projects and plans stay.
integration-was-connected = Connected
integration-was-disconnected = Disconnected
integration-again = The same login goes on where it stopped. Another one adds its projects to yours.

## How far a sync has come

run-ended = The sync ended with the access
run-looking = Looking for plans
run-copying = Copying plans
run-done = Up to date
run-incomplete = Not everything could be read
run-stopped = The sync has stopped
run-says = { $title }: { $percent } %
run-percent = { $percent } %
run-now = Now: { $plan }
run-quiet = Procore limits how much Gusset may ask at once. The sync pauses and continues automatically.
run-stopped-what = Nothing has happened for more than an hour. { $refresh } goes on with what is missing.
run-unread = { $count ->
    [one] In { $number } project something could not be read: see below. All else is here. Gusset tries again within the hour, and { $refresh } tries now.
   *[other] In { $number } projects something could not be read: see below. All else is here. Gusset tries again within the hour, and { $refresh } tries now.
}
run-failed = { $count ->
    [one] { $number } file could not be copied. Each plan says why, on its project's page. { $refresh } tries again.
   *[other] { $number } files could not be copied. Each plan says why, on its project's page. { $refresh } tries again.
}
run-by-connect = Begun with the connection, { $at }
run-by-refresh = Asked for by Refresh, { $at }
run-by-clock = Begun by the clock, { $at }
run-files = Files copied
run-data = Data
run-projects = Projects looked at
run-of = of { $number }
run-nothing = Nothing was new.
troubles = What needs attention
troubles-says = Something needs attention
trouble-missing = { $title }. { $what }
trouble-closed = In Procore this login has no access to: { $tools }.

## Home

home-title = Your projects
home-estimators = For estimators: keep plans in sync
home-chips = Which projects
home-not-found = No project is like this. { $all }
home-show-all = Show all
home-previous = Previous
home-next = Next
home-page = Page { $page } of { $pages }
home-checking = { $count ->
    [one] Gusset asks Procore of which projects you are an admin: { $number } project to go.
   *[other] Gusset asks Procore of which projects you are an admin: { $number } projects to go.
}
home-go-on = Go on
home-unconnected = None of your projects is connected yet. Open one: its code is what the other company types to connect with it.
home-search = Search projects
home-search-hint = Project or company
home-search-go = Search

## What waits for the person

inbox = Inbox
inbox-more = And { $count } more: { $all }
inbox-all = all projects that need you
inbox-answer = { $other } asks to connect with { $here }
inbox-manager = { $count ->
    [one] { $number } RFI waits: choose an RFI manager for { $other }
   *[other] { $number } RFIs wait: choose an RFI manager for { $other }
}
inbox-held = { $count ->
    [one] { $number } item waits for you: { $here } and { $other }
   *[other] { $number } items wait for you: { $here } and { $other }
}
inbox-failed = { $count ->
    [one] { $number } item failed in the last { $days } days: { $here } and { $other }
   *[other] { $number } items failed in the last { $days } days: { $here } and { $other }
}
inbox-in = In { $here }
inbox-accept = Accept…
inbox-decline = Decline…
inbox-decline-it = Decline
inbox-choose = Choose RFI manager
inbox-see-held = See what waits
inbox-see-failed = See what failed

## The table of projects

line-sent = Sent { $days } d
line-received = Received { $days } d
lines = Your projects. Those that need you come first.
line-project = Project
line-connections = Connections
line-needs = Needs you
line-requests = Requests
line-latest = Last activity
line-checking = Checking…
line-asked = { $count } not answered yet
closed = { $count ->
    [one] You are not an admin of { $number } project
   *[other] You are not an admin of { $number } projects
}
closed-hint = Connecting a project needs Admin on its Admin tool in Procore.
closed-whom = Whom to ask
closed-about = about { $name }
closed-ask = Ask { $names }

## Where there is no project

nothing = You have no active project in Procore. Once somebody adds you to one, it is listed here.
nothing-installed = { $name } has not installed Gusset in Procore
nothing-installed-any = Your companies have not installed Gusset in Procore
nothing-company = Your Procore login is in no company yet. Once a company adds you to its directory, its projects are listed here.
nothing-missing = Is a project missing?
nothing-missing-why = { $count ->
    [one] { $names } has not installed Gusset in Procore.
   *[other] { $names } have not installed Gusset in Procore.
}
nothing-install = Please install the app Gusset in { $companies }'s Procore account, under App Management.
# Between the names of the companies: "A's and B"
nothing-install-and = { "'s and " }
nothing-permit = Then permit it our projects there. Questions: { $contact }
nothing-lines = Send these two lines to your Procore admin:
nothing-copy = Copy the lines

## Emails

email-link-answer = Accept or decline the request
email-link-connection = See the connection
email-link-connections = See your connections
email-link-rfis = Open the RFIs in Procore
email-link-stopped = See what to do about it
email-requested-subject = { $theirs } asks to connect to { $ours }
email-requested = { $by } of { $company } asks to connect the project { $theirs } to your project { $ours }.
email-requested-then = If you accept, RFIs and Site Diary entries can be sent from one project to the other. Nothing leaves your project unless somebody of your company chooses to send it.
email-reminded-subject = Reminder: { $theirs } asks to connect to { $ours }
email-reminded = { $company } still waits for an answer: { $by } asked to connect the project { $theirs } to your project { $ours }.
email-reminded-then = If you do not want the connection, decline it, and no more reminders come.
email-accepted-subject = { $ours } is connected to { $theirs }
email-accepted = { $by } of { $company } has accepted your request to connect { $ours } to { $theirs }.
email-accepted-then = From now on your project sends what you chose to send. RFIs that arrive go to your Connected RFI Manager; until you choose one, they wait.
email-declined-subject = { $theirs } declined to connect to { $ours }
email-declined = { $by } of { $company } has declined your request to connect { $ours } to { $theirs }.
email-declined-then = Nothing was sent. You can ask again at any time.
email-withdrawn-subject = { $theirs } no longer asks to connect to { $ours }
email-withdrawn = { $by } of { $company } has withdrawn the request to connect { $theirs } to { $ours }.
email-withdrawn-then = There is nothing left for you to do.
email-disconnected-subject = { $theirs } is disconnected from { $ours }
email-disconnected = { $by } of { $company } has ended the connection between { $ours } and { $theirs }.
email-disconnected-then = What was copied stays in both projects. What was still on its way is not sent any more.
email-paused-subject = { $theirs } paused its connection with { $ours }
email-paused = { $by } of { $company } has paused the connection between { $ours } and { $theirs }.
email-paused-then = What is new in either project waits until { $theirs } resumes the connection, and nothing is lost. There is nothing for you to do.
email-resumed-subject = { $theirs } resumed its connection with { $ours }
email-resumed = { $theirs } of { $company } has resumed the connection between { $ours } and { $theirs }.
email-resumed-then = What waited for that is being sent now.
email-resumed-still-paused = Your project { $ours } has paused it, too: what is new waits until you resume it.
email-manager-subject = You receive the RFIs that { $theirs } sends to { $ours }
email-manager = You are the Connected RFI Manager of { $ours } for its connection with { $theirs } of { $company }.
email-manager-then = Each RFI that arrives is a draft with you as its manager: review it in Procore, give it a number and open it. You get a mail for each.
email-rfi-subject = RFI from { $theirs }: { $subject }
email-rfi = An RFI from { $theirs } of { $company } has arrived in { $ours }: { $subject }
email-rfi-then = It is a draft: review it in Procore, give it a number and open it. Its reference is { $reference }.
email-link-rfi = Open it in Procore
email-link-origin = See where it came from
email-footer-project = You get this mail because you opened the Project Connections page of { $ours }, or somebody put you on its list. An admin of the project can change who gets these mails.
email-footer-manager = You get this mail because you are a Connected RFI Manager of { $ours }. An admin of the project can choose another one.
email-held = { $count ->
    [one] { $count } item waits for somebody of your project { $ours }, in its connection with { $theirs } of { $company }.
   *[other] { $count } items wait for somebody of your project { $ours }, in its connection with { $theirs } of { $company }.
}
email-failed = { $count ->
    [one] { $count } item from your project { $ours } could not be delivered to { $theirs } of { $company }.
   *[other] { $count } items from your project { $ours } could not be delivered to { $theirs } of { $company }.
}
email-stuck-item = { $tool }: { $title }
email-stuck-latest = The latest of them:
email-held-subject = { $count ->
    [one] { $count } item waits for somebody of { $ours }
   *[other] { $count } items wait for somebody of { $ours }
}
email-failed-subject = { $count ->
    [one] { $count } item from { $ours } not delivered to { $theirs }
   *[other] { $count } items from { $ours } not delivered to { $theirs }
}
email-stuck-subject = { $count ->
    [one] { $count } item to look at between { $ours } and { $theirs }
   *[other] { $count } items to look at between { $ours } and { $theirs }
}
email-reminder-subject = { $count ->
    [one] Reminder: { $count } item waits for somebody of { $ours }
   *[other] Reminder: { $count } items wait for somebody of { $ours }
}
email-reminder = { $count ->
    [one] { $by } of { $company } reminds you: { $count } item waits for somebody of your project { $ours }, in its connection with { $theirs }.
   *[other] { $by } of { $company } reminds you: { $count } items wait for somebody of your project { $ours }, in its connection with { $theirs }.
}
email-left-out = Not all of it came along:
email-choose = Choose how often you get these emails

## What an hour or a day brought

email-collected-in-part = { $subject } (not all of it came along)
email-collected-from = RFIs from { $theirs } of { $company }, as drafts:
email-collected-arrived = { $count ->
    [one] { $count } RFI arrived in { $ours }
   *[other] { $count } RFIs arrived in { $ours }
}
email-collected-stopped = { $count ->
    [one] { $count } item to look at in { $ours }
   *[other] { $count } items to look at in { $ours }
}
email-collected-both = { $arrived }, { $stopped }
email-collected-stopped-too = { $count ->
    [one] { $count } item to look at
   *[other] { $count } items to look at
}
email-collected = What came since the last email, for { $ours }.

## To an estimating account

email-access-subject = Your plans no longer receive updates from Procore
email-access = Gusset cannot read plans with the Procore login { $login } any more. { $why }
email-access-stays = Everything that was synced stays: projects, plans and files are where they were, marked as no longer receiving updates.
email-access-again = To have them kept up to date again, connect Procore once more. What is here already is not copied again.
email-access-link = Open App Integrations
email-access-footer = You get this mail because your estimating account was connected to Procore.
email-sign-in-subject = Your link to sign in to Gusset
email-sign-in = Somebody asked at { $address } to sign in with this e-mail address.
email-sign-in-how = If it was you, open the link below in the browser where you asked, and press the button there. In another browser it asks for the six digits that stand where you asked. It is good for { $minutes } minutes, and works once.
email-sign-in-not = If it was not you, there is nothing to do. Do not pass the link on, and give nobody six digits or take any from them.
email-sign-in-link = Sign in to Gusset
email-sign-in-footer = You get this mail because somebody typed your e-mail address. Unless it is typed again, no more is sent.
email-question-subject = Do you want emails from Gusset?
email-question = An admin of the Procore project { $name } of { $company } wants this address to get emails about the project's connections with other companies' projects.
email-question-how = To get them, open the link below and press the button there. If you do nothing, no such email is sent to you.
email-question-link = Get these emails
email-question-footer = You get this once because a project admin typed your email address in Gusset.

## Words that several pages and emails share

tool-rfis = RFIs
tool-working-hours = Working hours
tool-notes = Notes
items-rfis = { $count ->
    [one] { $number } RFI
   *[other] { $number } RFIs
}
items-working-hours = { $count ->
    [one] { $number } working-hours entry
   *[other] { $number } working-hours entries
}
items-notes = { $count ->
    [one] { $number } note
   *[other] { $number } notes
}
short-nothing-title = Nothing automatically
short-rfis-title = All new RFIs
short-chosen-title = Choose…
status-queued = In line
status-copying = Sending
status-delivered = Delivered
status-held = Waiting
status-retrying = Retrying
status-failed = Failed
status-cancelled = Cancelled
connection-status-asked = Awaiting Response
connection-status-pending = Request Pending
connection-status-connected = Connected
connection-status-ended = Ended
show-all = All
show-needs-you = Needs you
show-requests = Requests
show-not-connected = Not connected
period-fortnight = Last 14 days
period-quarter = Last 90 days
period-all = All
standing-not-sent = Not sent
standing-on-its-way = On its way
standing-sent = Sent
standing-came-from-there = Received from there
cadence-each = One for each, at once
cadence-hourly = One an hour, with all that came
cadence-daily = One a day, at 07:00 UTC
cadence-never = None
access-by-person = You disconnected it.
access-revoked = Procore does not accept the access any more: it was revoked there.
access-lost = Procore's new access was lost on its way to Gusset. Nothing is wrong in Procore.
plans-hourly-permission = Checked every hour. For changes within seconds { $login } needs Standard on the Webhooks API tool in Procore. Press Refresh once that is granted.
plans-hourly = Checked every hour. Procore did not accept Gusset's webhook.
plans-tool-unread = { $tool } could not be read: { $why }. Gusset tries again within the hour; what is here stays.
left-out-files = { $count ->
    [one] { $copied } of { $count } file
   *[other] { $copied } of { $count } files
}
left-out-fields = without { $fields }
nameless = (no name)

## Times, sizes and the frame of a page

until-now = within the hour
until-hours = { $count ->
    [one] in { $count } hour
   *[other] in { $count } hours
}
until-days = in { $days } days
size-bytes = { $bytes } bytes
frame-skip = Skip to content
frame-sign-out = Sign out
again-kept = What you typed is kept on this page.
again-wait = Procore asks to wait for { $seconds } s.
again-send = Send again
again-cancel = Cancel

## Pages that links in emails lead to

link-sign-in = Sign in to plan sync
link-sent-to = The link was sent to { $email }.
link-elsewhere = You asked for it in another browser. The page there shows a code of six digits: type it here.
link-code = Code
link-go = Sign in
link-no-code = A code has six digits. It stands on the page where you asked for the link.
link-wrong-code = { $left ->
    [one] This is not the code that the page shows where you asked for the link. You can try one more time.
   *[other] This is not the code that the page shows where you asked for the link. You can try again.
}
question-title = Emails from Gusset
question = Do you want these emails?
question-who = An admin of { $project } ({ $company }) wants { $email } to get emails about the project's connections.
question-yes = Get these emails
question-no = If you do not want them, close this page: nothing more is sent to you.
question-done = You will get these emails
question-done-what = { $email } gets emails about the connections of { $project } from now on.
cadence-saved = Saved.
cadence = How often do you want these emails?
cadence-what = About RFIs that arrive in { $project }, and items that wait or could not be delivered, to { $email }.
cadence-emails = Emails
cadence-save = Save
cadence-hint = What becomes of a connection itself, for example that it is paused or ended, is always told to its admins at once.

## The pages of a project

tab-connections = Connections
tab-activity = Activity
tab-send = Send
tab-notifications = Notifications
tab-api = API
project-where = Where you are
project-home = Home
project-switch = Switch project
project-loading = Loading…
project-tabs = Pages of the project

## Connections

connect = Connect another project
code = Your Connection Code
code-none = Nobody has opened this project in Gusset yet, so it has no code.
code-get = Get a code
code-give = Give this code to the company that you want to connect with.
code-copy = Copy Code
code-replace = Replace code…
code-replace-what = The project gets a new code, and nobody can request a connection with the old one any more: whoever has it needs the new one. Connections and requests stay.
code-replace-it = Replace code
requests-to-answer = Requests to answer
connections = Connections
connections-none = No connections yet. Type the other project's code below, or give yours away.
requests-sent = Requests sent
history = History
history-cut = The newest { $shown } of { $all } are shown. The API has all of them.

## Requests in a table

request-project = Project
request-answer = What can be done
request-company = Company
request-by = Requested by
request-when = When
request-status = Status
request-accept = Accept…
request-change = Change
request-remind = Send Reminder
request-details = Details
request-remind-from = The next reminder can be sent from { $at } on.

## A connection

connection-says = { $name }: { $status }
connection-says-paused = { $name }: { $status }, paused
connection-paused = Paused
unhooked-untold = Gusset checks { $name } for new { $what } { $every }, as Procore does not send webhooks about them there.
unhooked = Gusset checks { $name } for new items { $every }, as it may not create a webhook there.
unhooked-grant = Gusset's service account at { $company } lacks the permission { $permission }. A company admin of { $company } can grant it in Procore: company Directory → Gusset → permission template. Gusset then creates the webhook automatically.
unhooked-permission = Webhooks API: Standard
connection-activity = Activity
connection-send = Send items
connection-change = Change
connection-decline = Decline
connection-withdraw = Withdraw
connection-pause = Pause
connection-disconnect = Disconnect
connection-fold = { $verb }…
connection-decline-what = { $other } is told by email that you declined. Nothing is connected, and nothing is copied. They may request a connection again an hour after this request; you may at any time.
connection-withdraw-what = The request ends, and { $other } is told by email that you took it back. You may request a connection again an hour after this request.
connection-pause-what = What is new in either project waits, and nothing is lost. { $other } is told by email that you paused. Once you resume, what waited is sent.
connection-disconnect-what = What both sides send stops at once, and what is still on its way is cancelled. Everything that was copied stays, in both projects. The two projects may connect again.
connection-resume = Resume
paused-by-us = You paused this connection: { $person }, { $at }. What is new in either project waits until you resume.
paused-by-them = { $other } paused this connection: { $person } of { $company }, { $at }. What is new in either project waits until they resume.
every-one = every { $unit }
every = every { $number } { $units }
every-now-and-then = from time to time
story-declined = Declined by { $name }, { $at }.
story-withdrawn = Withdrawn by { $name }, { $at }.
story-disconnected = Disconnected by { $name }, { $at }. What was copied stays.
story-accepted = Requested by { $asker }, accepted by { $name }, { $at }.
story-asked = Requested by { $asker }, { $at }.
facts-we-send = You send
facts-they-send = They send
facts-manager = Connected RFI Manager
facts-manager-refused = Nobody: you don't accept RFIs
facts-manager-none = Nobody yet: RFIs that arrive wait
facts-they-accept = They accept
facts-they-refuse = { $name } does not accept RFIs
sends-automatic = automatically, every new one
sends-manual = only when someone sends it
sends-off = never
sends = { $tools }: { $mode }

## Choosing an RFI manager, and what to send

manager-title = RFI manager for { $other }
manager-waits = { $count ->
    [one] { $number } RFI from { $other } waits for somebody to review them.
   *[other] { $number } RFIs from { $other } wait for somebody to review them.
}
manager-none = No RFI waits for this any more.
manager-settings = All settings of this connection
send-items = Send items
send-unconnected = Items are sent over a connection, and this project has none yet. { $connect } first.
send-connect = Connect it
send-to = Who should get them?
send-from = Send from { $name }
add-other = the other project
add-code = The other project's code
add-hint = They answer the same questions when they accept. You can change your answers at any time.
add-request = Request connection
add = Add New Connection

## The two questions of a connection

terms-connect = Connect with { $name }
terms-settings = Settings for { $name }
terms-none = There is nothing to choose here any more.
terms-accept = Accept
terms-save = Save
terms-cancel = Cancel
terms-sends = What should { $other } receive from you?
terms-refused = { $other } does not accept RFIs: yours stay in your project.
terms-hint = Automatically means what is new from now on. An entry of the Site Diary is found up to 60 days after its day, an RFI up to a week after it was opened, even if Procore never tells of it; older ones can be sent by hand. Files above the largest size that this Gusset takes (usually 400 MB) stay behind, and the copy names them.
terms-reviewer = Who reviews RFIs from them?
terms-reviewer-choose = Please choose
terms-reviewer-later = Choose a person later: their RFIs wait
terms-reviewer-refuse = We don't accept RFIs
terms-reviewer-unsaid = Procore did not say who can be a manager of RFIs here. You can choose a person later.
terms-reviewer-nobody = Procore names nobody here who can be a manager of RFIs. You can choose a person later.
terms-reviewer-hint = RFIs that arrive are drafts with this person as their RFI manager, who gets an email about each.
mode-automatic = Automatically: every new one
mode-manual = Only when someone sends it
mode-off = Never
short-nothing = You send what you choose, item by item.
short-rfis = RFIs are sent when they are opened. Working hours and notes only when someone sends them.
short-chosen = Set RFIs, working hours and notes one by one.

## Items to send

items-title = Send items to { $name }
items-not-connected = Items are sent over a connection while it is connected. This one is not.
items-back = ← Activity
items-switched-off = { $tool }: Your project sends none over this connection. Change that in the connection's settings first.
items-not-accepted = { $name } does not accept RFIs.
items-closed = { $tool }: They cannot be shown to you. { $why }
items-note-pending = waits for approval in your project
items-note-draft = draft
items-note-private = private: open its preview to send it
items-others-warning = These are other companies' items: copies that arrived in your project. Send one on only if its author may expect that.
items-search = Search
items-search-hint = Number, words, author
items-tool = Tool
items-all-tools = All tools
items-range = Created or about
items-show = Show
items-clear = Clear
items-ours = Ours
items-others = Received from others
items-whose = Whose items
items-tick-all = Tick all on this page
items-tick = Tick
items-column-number = No.
items-column-subject = Subject
items-column-created = Created
items-column-author = Author
items-column-state = State
items-button = Send
items-all-link = Send all that match…
items-from = from { $name }
items-no-page = There is no such page.
items-none-with-words = No item has these words{ $time }.
items-none-ours = Your project has created none{ $time }.
items-none-others = None arrived{ $time }.
items-in-fortnight = {" "}in the last 14 days
items-in-quarter = {" "}in the last 90 days
items-items = { $count ->
    [one] { $number } item
   *[other] { $number } items
}
items-count = { $items }.
items-place = { $first } to { $last } of { $all } items.
items-further = Further pages
items-newer = Newer
items-older = Older
preview-as = As { $name } will get it
preview-copied = Is copied
preview-kept = Is kept as text
preview-nothing = Nothing.
preview-kept-why = The other project has no place for it, so it is written into the copy.
preview-left-out = Is left out
preview-left-out-why = The copy says so.
preview-across = It is already in { $name }: { $link }.
preview-across-link = its copy in Procore
preview-private = This RFI is private in { $here }. Its copy will be private in { $there }, where the people of that project decide who sees it.
preview-private-confirm = Send it to { $name } all the same
preview-second = Send a second copy
preview-arrives-rfi = It arrives as a draft for the Connected RFI Manager of { $name }, who decides what becomes of it.
preview-arrives-diary = It arrives in the Site Diary of { $name }, on the same day.
preview-back = ← Send items
all-title = Send all to { $name }
all-lacking = Procore does not show all of them at the moment. This page shows how many there are once it does.
all-left-out = { $count ->
    [one] { $number } other item fits and is left out: sent before, on the way, received from there, or private.
   *[other] { $number } other items fit and are left out: sent before, on the way, received from there, or private.
}
all-nothing = There is nothing to send.
all-too-many = { $number } items fit, and { $most } can be sent at once. Choose a shorter time, or one tool.
all-button = Send { $items }
all-cancel = Cancel
all-files = { $count ->
    [0] no files
    [one] { $number } file
   *[other] { $number } files
}
all-amount = { $items }, { $files }, { $duration } at Procore’s usual limit.
all-amount-of = { $items }, { $filter }, { $files }, { $duration } at Procore’s usual limit.
all-others = These are other companies' items: copies that arrived in your project. Send them on only if their authors may expect that.
all-share = Half of Procore’s calls stay free meanwhile for what is new, and for people. You can pause it, or cancel what is left.
all-rfis = { $count ->
    [one] { $number } RFI
   *[other] { $number } RFIs
}
all-hours = { $count ->
    [one] { $number } entry of working hours
   *[other] { $number } entries of working hours
}
all-notes = { $count ->
    [one] { $number } note
   *[other] { $number } notes
}
all-and = { $before } and { $last }
all-of-fortnight = of the last 14 days
all-of-quarter = of the last 90 days
all-with-words = with “{ $words }”
all-minute = about a minute
all-minutes = about { $minutes } minutes
all-hours-long = about { $hours } hours
all-running = Sending all that matched
all-paused = Paused by { $name }
all-done = All that matched was sent
all-delivered = { $number } sent
all-waiting = { $number } waiting
all-failed = { $number } not arrived
all-skipped = { $number } sent before, or not to be sent
all-under-way = { $number } under way
all-set-out = { $next } of { $total } have set out
all-started = Started by { $name }, { $at }.
all-bar = Set out
all-bar-value = { $next } of { $total }
all-pause = Pause
all-resume = Resume
all-cancel-rest = Cancel what is left

## What the pages' script says

script-in-days = in { $days } days
script-copied = Copied
script-selected = Selected. Copy it with your keyboard.
script-again-in = Try again in { $seconds } s. What you typed is still here.
script-sign-in = Sign in
script-no-answer = Gusset does not answer
script-no-answer-to-form = Look whether you are online, and try again. What you typed is still here.
script-left = { $done } done, { $left } to go
script-problem = Gusset has a problem
script-copy-secret = Copy secret
script-new-secret = The new secret
script-shown-once = It is shown this once. Put it where your program finds it; the old one has stopped.
script-client-id = Client id
script-secret = Secret
script-made-now = Made just now
script-away = Gusset does not answer. Look whether you are online: nothing on this page is lost, and it goes on by itself.
script-not-followed = Gusset does not answer. Look whether you are online, and try again.
script-project = { $name } ({ $company })
script-close = Close
script-rows = { $count } rows…
script-downloaded = The table is downloaded.
script-again-now-kept = You can send it again now. What you typed is still here.
script-again-now = You can send it again now.
script-procore-again = Procore answers again.
script-signed-out = You are signed out
script-signed-out-detail = This page does not follow what happens any more.
script-sign-in-again = Sign in to go on
script-not-seen = You cannot see this any more
script-not-there = It is not there.
script-access-changed = Your access in Procore has changed.
script-to-projects = To your projects
script-again = Gusset answers again.
script-changes = { $count } changes
script-show = Show
script-changed = This has changed meanwhile.
