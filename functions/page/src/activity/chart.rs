//! Items per day by what they came to, as a drawing that the server makes.

use gusset_domain::{
    activity::{Day, per_day},
    delivery::Delivery,
};
use jiff::Timestamp;
use maud::{Markup, html};

/// The drawing's size, in its own units.
const WIDTH: u32 = 336;
const HEIGHT: u32 = 112;
/// Room for the dates below, and the largest number above.
const BELOW: u32 = 16;
const ABOVE: u32 = 12;

/// The section, where there was anything on these days. `more`: there are deliveries that it was not made from.
pub(super) fn section(deliveries: &[Delivery], days: u8, more: bool, now: Timestamp) -> Markup {
    let counted = per_day(deliveries, days, now);
    let sum = |part: fn(&Day) -> u32| counted.iter().map(part).sum::<u32>();
    let all = sum(Day::all);
    let told = [
        ("good", "delivered", sum(|day| day.delivered)),
        ("new", "on their way", sum(|day| day.under_way)),
        ("wait", "waiting for somebody", sum(|day| day.held)),
        ("bad", "failed or cancelled", sum(|day| day.failed)),
    ];
    html! {
        @if all > 0 {
            section {
                h2 { "The last " (days) " days" }
                (drawing(&counted, all))
                ul.key {
                    @for (class, words, number) in &told {
                        @if *number > 0 { li class=(class) { i aria-hidden="true" {} (number) " " (words) } }
                    }
                }
                @if more { p.hint { "Counted from the newest " (deliveries.len()) " items." } }
            }
        }
    }
}

fn drawing(days: &[Day], all: u32) -> Markup {
    let most = days.iter().map(Day::all).max().unwrap_or_default().max(1);
    let number = u32::try_from(days.len()).unwrap_or(1).max(1);
    let (slot, room) = (WIDTH / number, HEIGHT - BELOW - ABOVE);
    let ground = HEIGHT - BELOW;
    let height = |count: u32| count * room / most;
    html! {
        svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="xMinYMid" role="img" aria-label={ (all) " items in " (number) " days" } {
            @for (place, day) in (0_u32..).zip(days) {
                @let x = place * slot + slot / 6;
                @let wide = slot * 2 / 3;
                // Each stack's foot is what lies below it.
                @let heights = [("good", day.delivered), ("new", day.under_way), ("wait", day.held), ("bad", day.failed)];
                @for (index, (class, count)) in heights.iter().enumerate() {
                    @let below: u32 = heights.iter().take(index).map(|(_, count)| *count).sum();
                    @let (foot, top) = (height(below), height(below + count));
                    @if top > foot {
                        rect class=(class) x=(x) y=(ground - top) width=(wide) height=(top - foot) {}
                    }
                }
                @if day.all() > 0 {
                    text x=(x + wide / 2) y=(ground - height(day.all()) - 3) text-anchor="middle" { (day.all()) }
                }
                @if place + 1 == number {
                    text x=(WIDTH) y=(HEIGHT - 4) text-anchor="end" { (day.date.strftime("%e %b").to_string().trim()) }
                } @else if place % 3 == 1 {
                    text x=(x + wide / 2) y=(HEIGHT - 4) text-anchor="middle" { (day.date.strftime("%e %b").to_string().trim()) }
                }
            }
            line.axis x1="0" y1=(ground) x2=(WIDTH) y2=(ground) {}
        }
    }
}
