//! Whether an item goes on while a side has paused the connection, or accepts no RFIs.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use gusset_domain::{
    connection::{AccountSeeds, Change, Connection, ReviewChoice, RfiReview, ServiceUsers, Side, Terms},
    delivery::{self, Because, CannotSend, Delivery, Halt, Job, Status, Stays, WaitsFor},
    ids::{CompanyId, ConnectionId, ItemId, ProjectId, UserId},
    items::{Entry, Item, Note},
    people::{Actor, Person, Project},
    send::{SendMode, Tool},
    service_account::Seed,
};
use jiff::Timestamp;
use uuid::Uuid;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn sam() -> Person {
    Person {
        id: UserId::new(1).unwrap(),
        name: "Sam Rivera".to_owned(),
    }
}

/// South's project asked Harbour's, and both send everything automatically.
fn connected() -> Connection {
    let project = |id, name: &str, company_name: &str| Project {
        id: ProjectId::new(id).unwrap(),
        name: name.to_owned(),
        company_id: CompanyId::new(id).unwrap(),
        company_name: company_name.to_owned(),
    };
    let everything = Terms {
        send: Tool::ALL.map(|tool| (tool, SendMode::Automatic)).into(),
        review: None,
    };
    let asked = Actor { by: sam(), at: at(0) };
    let (south, harbour) = (
        project(3, "Pier 9 Electrical", "Southside"),
        project(2, "Pier 9 Tower", "Harbour"),
    );
    let request = Connection::ask(ConnectionId(Uuid::nil()), south, harbour, everything.clone(), asked).unwrap();
    let seeds = AccountSeeds {
        requester: Seed(1),
        recipient: Seed(2),
    };
    let accept = Change::Accept(everything, seeds, ServiceUsers::default());
    request.change(Side::Recipient, accept, &sam(), at(1)).unwrap()
}

fn change(connection: &Connection, side: Side, change: Change) -> Connection {
    connection.change(side, change, &sam(), at(2)).unwrap()
}

fn refusing(connection: &Connection, side: Side) -> Connection {
    let refuse = Terms {
        review: Some(ReviewChoice::Becomes(RfiReview::Refused)),
        ..Terms::default()
    };
    change(connection, side, Change::Settle(refuse))
}

/// A delivery from South to Harbour, heard of while it was sent automatically.
fn delivery(connection: &Connection, tool: Tool) -> Delivery {
    let job = Job::over(connection, Side::Recipient, tool, ItemId::new(501).unwrap());
    let mut delivery = Delivery::new(job, at(3));
    delivery.hear(connection);
    delivery
}

fn note() -> Item {
    let entry = Entry {
        id: ItemId::new(501).unwrap(),
        date: None,
        comment: "Rain".to_owned(),
        created_at: Some(at(3)),
        author: None,
        author_id: None,
        deleted: false,
        pending: false,
        location: None,
        attachments: Vec::new(),
        named: Vec::new(),
        unreadable: Vec::new(),
    };
    Item::Note(Note {
        entry,
        is_issue_day: false,
    })
}

#[test]
fn what_would_go_on_waits_for_the_side_that_paused_and_says_who_did() {
    let connection = connected();
    let note = note();
    let goes_on = |connection: &Connection| delivery(connection, Tool::Notes).may_go_on(connection, &note);
    assert_eq!(goes_on(&connection), Ok(()));
    for (side, waits_for, company) in [
        (Side::Requester, WaitsFor::ResumeBySource, "Southside"),
        (Side::Recipient, WaitsFor::ResumeByTarget, "Harbour"),
    ] {
        let paused = change(&connection, side, Change::Pause);
        let reason = format!("Paused by Sam Rivera of {company}");
        assert_eq!(goes_on(&paused), Err(Halt::Waits(waits_for, reason)));
        let job = delivery(&paused, Tool::Notes).job;
        assert_eq!(waits_for.project(&job), paused.party(side).project.id);
        assert_eq!(waits_for.side(Side::Recipient), side);
        assert_eq!(goes_on(&change(&paused, side, Change::Resume)), Ok(()));
        let ended = change(&paused, Side::Requester, Change::Disconnect);
        assert_eq!(
            delivery(&paused, Tool::Notes).may_go_on(&ended, &note),
            Err(Halt::Stays(Because::ConnectionEnded))
        );
    }
}

#[test]
fn a_pause_is_nobodys_to_probe_nor_settled_by_other_settings() {
    for waits_for in [WaitsFor::ResumeBySource, WaitsFor::ResumeByTarget] {
        assert!(waits_for.is_pause() && !waits_for.is_probed() && !waits_for.is_settled_here());
    }
}

#[test]
fn rfis_that_are_not_accepted_stay_and_other_tools_and_the_other_direction_go_on() {
    let connection = connected();
    let refuses = refusing(&connection, Side::Recipient);
    let known = delivery(&connection, Tool::Rfis);
    assert_eq!(known.may_set_out(&refuses), Err(Because::NotAccepted));
    // Nobody ever saw it: it is forgotten, as with what is not sent automatically.
    assert_eq!(
        delivery(&refuses, Tool::Rfis).may_set_out(&refuses),
        Err(Because::NotAutomatic)
    );
    let held = known.clone().held(WaitsFor::Manager, "Nobody".to_owned(), at(4));
    let Stays::Seen(cancelled) = held.stays(Because::NotAccepted, &refuses, at(5)) else {
        panic!("what was seen is forgotten")
    };
    let Status::Cancelled { reason, because } = &cancelled.status else {
        panic!("{cancelled:?}")
    };
    assert_eq!(
        (reason.as_str(), *because),
        ("Pier 9 Tower does not accept RFIs", Because::NotAccepted)
    );
    assert_eq!(known.may_set_out(&refusing(&connection, Side::Requester)), Ok(()));
    assert_eq!(delivery(&refuses, Tool::Notes).may_set_out(&refuses), Ok(()));
}

#[test]
fn rfis_that_are_not_accepted_are_not_sent_by_hand_either() {
    let refuses = refusing(&connected(), Side::Recipient);
    let item = ItemId::new(501).unwrap();
    let by_hand = |from, tool| delivery::send_by_hand(&refuses, from, tool, item).map(drop);
    let name = "Pier 9 Tower".to_owned();
    assert_eq!(by_hand(Side::Requester, Tool::Rfis), Err(CannotSend::NotAccepted(name)));
    assert_eq!(by_hand(Side::Requester, Tool::Notes), Ok(()));
    assert_eq!(by_hand(Side::Recipient, Tool::Rfis), Ok(()));
}
