//! Any sequence of actions by people of either side keeps the invariants written in `connection/mod.rs`.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use gusset_domain::{
    connection::{AskRefused, Change, Connection, Refusal, Side, State, Status, Terms, may_ask},
    ids::{CompanyId, ConnectionId, ProjectId, UserId},
    people::{Person, Project, RfiManager, Stamp},
    send::{SendChoice, SendMode, Tool},
};
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

fn project(id: u64) -> Project {
    Project {
        id: ProjectId::new(id).unwrap(),
        name: format!("Project {id}"),
        company_id: CompanyId::new(id / 10 + 1).unwrap(),
        company_name: format!("Company {id}"),
    }
}

fn person(id: u64) -> Person {
    Person {
        id: UserId::new(id).unwrap(),
        name: format!("Person {id}"),
    }
}

fn manager(id: u64) -> RfiManager {
    RfiManager {
        person: person(id),
        email: format!("person-{id}@example.com").parse().ok(),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn asked() -> Connection {
    let asked = Stamp {
        by: person(1),
        at: at(0),
    };
    Connection::ask(
        ConnectionId(Uuid::nil()),
        project(30001),
        project(20001),
        Terms::default(),
        asked,
    )
    .unwrap()
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Requester), Just(Side::Recipient)]
}

fn terms() -> impl Strategy<Value = Terms> {
    let tool = prop_oneof![Just(Tool::Rfis), Just(Tool::WorkingHours), Just(Tool::Notes)];
    let mode = prop_oneof![Just(SendMode::Automatic), Just(SendMode::Manual), Just(SendMode::Off)];
    let manager = proptest::option::of(proptest::option::of((1_u64..5).prop_map(manager)));
    (proptest::collection::btree_map(tool, mode, 0..3), manager).prop_map(|(send, rfi_manager)| Terms {
        send: SendChoice::from(send),
        rfi_manager,
    })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        terms().prop_map(Change::Accept),
        Just(Change::Decline),
        Just(Change::Remind),
        Just(Change::Disconnect),
        terms().prop_map(Change::Settle),
    ]
}

fn allowed_to(change: &Change, side: Side, before: &State) -> bool {
    match (change, before) {
        (Change::Accept(_) | Change::Decline, State::Asked { .. }) => side == Side::Recipient,
        (Change::Remind, State::Asked { .. }) => side == Side::Requester,
        (Change::Disconnect, State::Asked { .. }) => side == Side::Requester,
        (Change::Disconnect, State::Connected { .. }) => true,
        (Change::Settle(_), state) => !matches!(state, State::Ended { .. }),
        _ => false,
    }
}

proptest! {
    #[test]
    fn any_sequence_of_actions_keeps_the_invariants(
        steps in proptest::collection::vec((side(), change(), 1_u64..5, 0_i64..4000), 0..40)
    ) {
        let mut connection = asked();
        let mut now = 0;
        for (side, change, by, later) in steps {
            now += later;
            let before = connection.clone();
            match connection.change(side, change.clone(), &person(by), at(now)) {
                Ok(next) => {
                    prop_assert!(allowed_to(&change, side, &before.state));
                    prop_assert_eq!(next.version, before.version + 1);
                    prop_assert_eq!(next.party(side.other()), before.party(side.other()));
                    prop_assert_eq!(&next.party(side).project, &before.party(side).project);
                    prop_assert!(before.is_live());
                    connection = next;
                }
                Err(Refusal::TooSoon(until)) => {
                    prop_assert_eq!(change, Change::Remind);
                    prop_assert!(at(now) < until);
                }
                Err(_) => prop_assert!(!allowed_to(&change, side, &before.state)),
            }
            let views = (connection.status(Side::Requester), connection.status(Side::Recipient));
            prop_assert!(matches!(
                views,
                (Status::AwaitingResponse, Status::RequestPending)
                    | (Status::Connected, Status::Connected)
                    | (Status::Ended, Status::Ended)
            ));
            prop_assert_ne!(connection.requester.project.id, connection.recipient.project.id);
            for side in [Side::Requester, Side::Recipient] {
                let view = serde_json::to_string(&connection.seen_from(side)).unwrap();
                prop_assert!(!view.contains('@'), "an address is nobody else's: {}", view);
            }
            prop_assert_eq!(connection.seen_from(Side::Requester).ended, connection.seen_from(Side::Recipient).ended);
        }
    }

    #[test]
    fn a_side_is_offered_exactly_what_it_may_do(
        steps in proptest::collection::vec((side(), change()), 0..10), from in side()
    ) {
        let mut connection = asked();
        for (side, change) in steps {
            connection = connection.change(side, change, &person(1), at(0)).unwrap_or(connection);
        }
        let offered = serde_json::to_value(connection.seen_from(from).actions).unwrap();
        let offered: Vec<&str> = offered.as_array().unwrap().iter().map(|action| action.as_str().unwrap()).collect();
        let works = |change: Change| connection.change(from, change, &person(1), Timestamp::MAX).is_ok();
        prop_assert_eq!(offered.contains(&"accept"), works(Change::Accept(Terms::default())));
        prop_assert_eq!(offered.contains(&"decline"), works(Change::Decline));
        prop_assert_eq!(offered.contains(&"remind"), works(Change::Remind));
        prop_assert_eq!(offered.contains(&"withdraw") || offered.contains(&"disconnect"), works(Change::Disconnect));
    }
}

#[test]
fn a_reminder_may_be_sent_once_an_hour() {
    let connection = asked();
    let remind =
        |connection: &Connection, second| connection.change(Side::Requester, Change::Remind, &person(1), at(second));
    let reminded = remind(&connection, 10).unwrap();
    assert_eq!(remind(&reminded, 3609), Err(Refusal::TooSoon(at(3610))));
    assert!(remind(&reminded, 3610).is_ok());
}

#[test]
fn asking_again_is_answered_with_the_connection_that_there_is() {
    let (south, pier) = (ProjectId::new(30001).unwrap(), ProjectId::new(20001).unwrap());
    let asked = asked();
    assert_eq!(may_ask(south, south, None), Err(AskRefused::OwnProject));
    assert_eq!(may_ask(south, pier, None), Ok(()));
    assert_eq!(
        may_ask(south, pier, Some(&asked)),
        Err(AskRefused::AlreadyAsked(asked.id))
    );
    assert_eq!(
        may_ask(pier, south, Some(&asked)),
        Err(AskRefused::AcceptInstead(asked.id))
    );
    let connected = asked
        .change(Side::Recipient, Change::Accept(Terms::default()), &person(2), at(1))
        .unwrap();
    assert_eq!(
        may_ask(pier, south, Some(&connected)),
        Err(AskRefused::AlreadyConnected(asked.id))
    );
    let ended = connected
        .change(Side::Recipient, Change::Disconnect, &person(2), at(2))
        .unwrap();
    assert_eq!(may_ask(pier, south, Some(&ended)), Ok(()));
}
