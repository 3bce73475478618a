//! Items per day by what they came to, as a drawing that the server makes.

use gusset_domain::activity::{Day, Row, per_day};
use gusset_words::say;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::{live, words};

/// The drawing's size, in its own units.
const WIDTH: u32 = 168;
const HEIGHT: u32 = 32;

/// One line: what came of the items of these days, where there were any. `more`: there are older ones, which were not read.
pub(super) fn section(log: &[Row], days: u8, more: bool, now: Timestamp) -> Markup {
    let counted = per_day(log, days, now);
    let sum = |part: fn(&Day) -> u32| counted.iter().map(part).sum::<u32>();
    let all = sum(Day::all);
    let told = [
        ("good", say!("chart-delivered"), sum(|day| day.delivered)),
        ("new", say!("chart-under-way"), sum(|day| day.under_way)),
        ("wait", say!("chart-held"), sum(|day| day.held)),
        ("bad", say!("chart-failed"), sum(|day| day.failed)),
    ];
    let body = html! {
        @if all > 0 {
            div.bar.sparkline {
                span { (say!("chart-days", days = days)) }
                (drawing(&counted, all))
                ul.key {
                    @for (class, kind, count) in &told {
                        @if *count > 0 { li class=(class) { i aria-hidden="true" {} (words::number((*count).into())) " " (kind) } }
                    }
                }
                @if more { span.hint { (say!("chart-newest", number = words::number(u64::try_from(log.len()).unwrap_or(u64::MAX)))) } }
            }
        }
    };
    live::empty("days", &body)
}

fn drawing(days: &[Day], all: u32) -> Markup {
    let most = days.iter().map(Day::all).max().unwrap_or_default().max(1);
    let number = u32::try_from(days.len()).unwrap_or(1).max(1);
    let slot = WIDTH / number;
    let height = |count: u32| count * (HEIGHT - 2) / most;
    html! {
        svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(say!("chart-label", number = words::number(all.into()), days = number)) {
            @for (place, day) in (0_u32..).zip(days) {
                @let x = place * slot + slot / 6;
                @let wide = slot * 2 / 3;
                // Each stack's foot is what lies below it.
                @let heights = [("good", day.delivered), ("new", day.under_way), ("wait", day.held), ("bad", day.failed)];
                @for (index, (class, count)) in heights.iter().enumerate() {
                    @let below: u32 = heights.iter().take(index).map(|(_, count)| *count).sum();
                    @let (foot, top) = (height(below), height(below + count));
                    @if top > foot {
                        rect class=(class) x=(x) y=(HEIGHT - 1 - top) width=(wide) height=(top - foot) {}
                    }
                }
            }
            line.axis x1="0" y1=(HEIGHT - 1) x2=(WIDTH) y2=(HEIGHT - 1) {}
        }
    }
}
