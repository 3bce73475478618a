//! The calendar's address, for phones and for Outlook.

use gusset_words::{say, say_html};
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
            summary { (say!("subscribe")) }
            p { (say!("subscribe-what")) }
            p #calendar-address.secret { (address) }
            div.actions {
                a.button href=(subscribe) { (say!("subscribe-go")) }
                button.scripted.quiet type="button" data-copy=(address) data-copies="calendar-address" { (say!("subscribe-copy")) }
            }
            dl.ways {
                dt { (say!("subscribe-apple")) }
                dd { (say_html!("subscribe-apple-how", subscribe = em(say!("subscribe-go")), add = em(say!("subscribe-apple-add")))) }
                dt { (say!("subscribe-outlook")) }
                dd { (say_html!("subscribe-outlook-how", add = em(say!("subscribe-outlook-add")), subscribe = em(say!("subscribe-outlook-subscribe")))) }
                dt { (say!("subscribe-google")) }
                dd { (say_html!("subscribe-google-how", others = em(say!("subscribe-google-others")), from = em(say!("subscribe-google-from")))) }
            }
            p.hint { (say!("subscribe-who")) }
            details #replace {
                summary { (say!("subscribe-replace")) }
                p { (say!("subscribe-replace-what")) }
                (replace.button(say!("subscribe-replace-it"), "grave", "calendar-address"))
            }
        }
    }
}

/// What another program has on its screen.
fn em(words: &str) -> Markup {
    html! { em { (words) } }
}
