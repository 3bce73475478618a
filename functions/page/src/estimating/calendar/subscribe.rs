//! The calendar's address, for phones and for Outlook.

use maud::{Markup, html};

use crate::{estimating::CALENDAR, project::Form};

/// How to have the calendar elsewhere.
pub(super) fn section(url: &str, address: &str) -> Markup {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let subscribe = format!("webcal://{rest}");
    let replace = Form {
        action: format!("{url}/api/account/calendar"),
        back: CALENDAR,
        done: "calendar",
    };
    html! {
        details #subscribe.box {
            summary { "Subscribe from Outlook, iPhone or Google" }
            p { "Subscribe to this address, and what is due shows on your phone and in Outlook, and stays current." }
            p #calendar-address.secret { (address) }
            div.actions {
                a.button href=(subscribe) { "Subscribe" }
                button.scripted.quiet type="button" data-copy=(address) data-copies="calendar-address" { "Copy the address" }
            }
            dl.ways {
                dt { "iPhone, iPad, Mac" }
                dd { "Press " em { "Subscribe" } " on the device. Or, in Calendar, choose " em { "Add Subscription Calendar" } " and paste the address." }
                dt { "Outlook" }
                dd { em { "Add calendar" } ", then " em { "Subscribe from web" } ", and paste the address." }
                dt { "Google Calendar, Android" }
                dd { "On a computer: next to " em { "Other calendars" } " choose " em { "From URL" } ", and paste the address. It reaches the phone automatically." }
            }
            p.hint { "Whoever knows the address can read the calendar, without signing in. How often it is read anew is up to your calendar: from minutes to a day." }
            details #replace {
                summary { "Replace the address…" }
                p { "Should it have come into wrong hands: the calendar gets another address, and this one stops at once, for your own devices as well." }
                (replace.button("Replace the address", "grave", "calendar-address"))
            }
        }
    }
}
