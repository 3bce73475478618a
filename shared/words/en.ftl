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
row-in-part = { $status }, in part
rest-not-found = No item like this was found.
rest-not-found-cut = No item like this was found among the newest 10,000. Choose a time to look further back.
rest-nothing-older = There is nothing older.
rest-nothing-yet = Nothing has travelled yet. New items show up here by themselves.
rest-nothing = Nothing has travelled.
rest-older = Older
rest-newest = To the newest
