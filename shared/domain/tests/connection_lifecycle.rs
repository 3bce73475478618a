//! Any sequence of actions by people of either side keeps the invariants written in `connection/mod.rs`.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use gusset_domain::{
    connection::{
        AccountSeeds, Change, ConnectError, Connection, ReviewChoice, RfiReview, ServiceUsers, Side, State, Status,
        Terms, TransitionError, may_ask,
    },
    ids::{CompanyId, ConnectionId, ProjectId, UserId},
    people::{Actor, Person, Project, RfiManager},
    send::{SendChoice, SendMode, Tool},
    service_account::{Holding, Seed},
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
    let asked = Actor {
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
    let review = prop_oneof![
        (1_u64..5).prop_map(|id| ReviewChoice::Becomes(RfiReview::Manager(manager(id)))),
        Just(ReviewChoice::Becomes(RfiReview::Refused)),
        Just(ReviewChoice::NoManager),
        Just(ReviewChoice::Accept),
    ];
    let review = proptest::option::of(review);
    (proptest::collection::btree_map(tool, mode, 0..3), review).prop_map(|(send, review)| Terms {
        send: SendChoice::from(send),
        review,
    })
}

fn seeds() -> AccountSeeds {
    AccountSeeds {
        requester: Seed(1),
        recipient: Seed(2),
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        terms().prop_map(|terms| Change::Accept(terms, seeds(), ServiceUsers::default())),
        Just(Change::Decline),
        Just(Change::Remind),
        Just(Change::Disconnect),
        terms().prop_map(Change::Settle),
        Just(Change::Pause),
        Just(Change::Resume),
        Just(Change::DeleteServiceAccount),
        Just(Change::MakeServiceAccount(Seed(3))),
    ]
}

fn allowed_to(change: &Change, side: Side, connection: &Connection) -> bool {
    let has_account = connection.party(side).service_account.id().is_some();
    match (change, &connection.state) {
        (Change::DeleteServiceAccount, State::Connected { .. }) => has_account,
        (Change::MakeServiceAccount(_), State::Connected { .. }) => !has_account,
        (Change::Pause, State::Connected { .. }) => connection.pause_of(side).is_none(),
        (Change::Resume, State::Connected { .. }) => connection.pause_of(side).is_some(),
        (Change::Accept(..) | Change::Decline, State::Asked { .. }) => side == Side::Recipient,
        (Change::Remind, State::Asked { .. }) => side == Side::Requester,
        (Change::Disconnect, State::Asked { .. }) => side == Side::Requester,
        (Change::Disconnect, State::Connected { .. }) => true,
        (Change::Settle(_), state) => !matches!(state, State::Ended { .. }),
        _ => false,
    }
}

fn both(connection: &Connection, is: impl Fn(&Holding) -> bool) -> bool {
    [Side::Requester, Side::Recipient]
        .into_iter()
        .all(|side| is(&connection.party(side).service_account))
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
                    prop_assert!(allowed_to(&change, side, &before));
                    prop_assert_eq!(next.version, before.version + 1);
                    let (other, was) = (next.party(side.other()), before.party(side.other()));
                    prop_assert_eq!((other.send, &other.rfi_review), (was.send, &was.rfi_review));
                    if std::mem::discriminant(&next.state) == std::mem::discriminant(&before.state) {
                        prop_assert_eq!(other, was);
                    }
                    if before.connected_since().is_none() && next.connected_since().is_some() {
                        prop_assert!(both(&next, |account| account.id().is_some()));
                    }
                    if next.connected_since().is_some() {
                        prop_assert_eq!(next.pause_of(side.other()), before.pause_of(side.other()));
                    }
                    prop_assert_eq!(&next.party(side).project, &before.party(side).project);
                    prop_assert!(before.is_live());
                    connection = next;
                }
                Err(TransitionError::TooSoon(until)) => {
                    prop_assert_eq!(change, Change::Remind);
                    prop_assert!(at(now) < until);
                }
                Err(_) => prop_assert!(!allowed_to(&change, side, &before)),
            }
            if connection.connected_since().is_none() {
                prop_assert!(both(&connection, |account| *account == Holding::None));
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
                let seen = connection.seen_from(side);
                prop_assert_eq!(seen.paused.is_empty(), seen.waiting_beside_pauses().len() == seen.waiting.len());
                prop_assert!(connection.connected_since().is_some() || seen.waiting.is_empty() && seen.paused.is_empty());
                let accepts = connection.accepts(side, Tool::Rfis);
                prop_assert!(accepts || connection.sends_since(side.other(), Tool::Rfis).is_none());
                prop_assert_eq!((seen.accepts_rfis, connection.seen_from(side.other()).other_accepts_rfis), (accepts, accepts));
                let view = serde_json::to_string(&seen).unwrap();
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
        prop_assert_eq!(offered.contains(&"accept"), works(Change::Accept(Terms::default(), seeds(), ServiceUsers::default())));
        prop_assert_eq!(offered.contains(&"decline"), works(Change::Decline));
        prop_assert_eq!(offered.contains(&"pause"), works(Change::Pause));
        prop_assert_eq!(offered.contains(&"resume"), works(Change::Resume));
        prop_assert_eq!(offered.contains(&"remind"), works(Change::Remind));
        prop_assert_eq!(offered.contains(&"delete_service_account"), works(Change::DeleteServiceAccount));
        prop_assert_eq!(offered.contains(&"make_service_account"), works(Change::MakeServiceAccount(Seed(3))));
        prop_assert_eq!(offered.contains(&"withdraw") || offered.contains(&"disconnect"), works(Change::Disconnect));
    }
}

/// What happens between two projects: one of them asks the other, or somebody of either acts on what there is.
#[derive(Debug, Clone)]
enum Between {
    Ask { requester_is_first: bool },
    Act(Side, Change),
}

fn between() -> impl Strategy<Value = Between> {
    prop_oneof![
        1 => any::<bool>().prop_map(|requester_is_first| Between::Ask { requester_is_first }),
        4 => (side(), change()).prop_map(|(side, change)| Between::Act(side, change)),
    ]
}

proptest! {
    /// Connecting, choosing, disconnecting and connecting anew, in any order and by either.
    #[test]
    fn two_projects_have_one_live_connection_at_most_and_each_begins_anew(
        steps in proptest::collection::vec((between(), 1_i64..4000), 0..60)
    ) {
        let (first, second) = (project(30001), project(20001));
        let mut all: Vec<Connection> = Vec::new();
        let mut now = 0;
        for (step, later) in steps {
            now += later;
            let live = all.iter().filter(|connection| connection.is_live()).count();
            prop_assert!(live <= 1);
            prop_assert!(all.iter().rev().skip(1).all(|former| !former.is_live()), "only the last one is live");
            match step {
                Between::Ask { requester_is_first } => {
                    let (asks, asked) = if requester_is_first { (&first, &second) } else { (&second, &first) };
                    let allowed = may_ask(asks.id, asked.id, all.last()).is_ok();
                    prop_assert_eq!(allowed, live == 0);
                    if allowed {
                        let id = ConnectionId(Uuid::from_u128(all.len() as u128 + 1));
                        let stamp = Actor { by: person(1), at: at(now) };
                        let terms = Terms::default();
                        all.push(Connection::ask(id, asks.clone(), asked.clone(), terms, stamp).unwrap());
                    }
                }
                Between::Act(side, change) => {
                    // A page that was opened long ago still shows what has ended since.
                    for former in all.iter().rev().skip(1) {
                        prop_assert!(former.change(side, change.clone(), &person(1), at(now)).is_err());
                    }
                    if let Some(last) = all.last_mut()
                        && let Ok(next) = last.change(side, change, &person(1), at(now))
                    {
                        *last = next;
                    }
                }
            }
            let Some(last) = all.last() else { continue };
            for former in &all {
                prop_assert_eq!(former.pair(), last.pair(), "what crossed is kept under the two projects");
            }
            for (side, tool) in [Side::Requester, Side::Recipient].into_iter().flat_map(|side| Tool::ALL.map(|tool| (side, tool))) {
                // What was chosen for a connection that ended is not chosen for the next one.
                if let Some(since) = last.sends_since(side, tool) {
                    prop_assert!(since >= last.asked.at);
                }
            }
        }
    }
}

#[test]
fn a_reminder_may_be_sent_once_an_hour() {
    let connection = asked();
    let remind =
        |connection: &Connection, second| connection.change(Side::Requester, Change::Remind, &person(1), at(second));
    let reminded = remind(&connection, 10).unwrap();
    assert_eq!(remind(&reminded, 3609), Err(TransitionError::TooSoon(at(3610))));
    assert!(remind(&reminded, 3610).is_ok());
}

#[test]
fn asking_again_is_answered_with_the_connection_that_there_is() {
    let (south, pier) = (ProjectId::new(30001).unwrap(), ProjectId::new(20001).unwrap());
    let asked = asked();
    assert_eq!(may_ask(south, south, None), Err(ConnectError::OwnProject));
    assert_eq!(may_ask(south, pier, None), Ok(()));
    assert_eq!(
        may_ask(south, pier, Some(&asked)),
        Err(ConnectError::AlreadyAsked(asked.id))
    );
    assert_eq!(
        may_ask(pier, south, Some(&asked)),
        Err(ConnectError::AcceptInstead(asked.id))
    );
    let connected = asked
        .change(
            Side::Recipient,
            Change::Accept(Terms::default(), seeds(), ServiceUsers::default()),
            &person(2),
            at(1),
        )
        .unwrap();
    assert_eq!(
        may_ask(pier, south, Some(&connected)),
        Err(ConnectError::AlreadyConnected(asked.id))
    );
    let ended = connected
        .change(Side::Recipient, Change::Disconnect, &person(2), at(2))
        .unwrap();
    assert_eq!(may_ask(pier, south, Some(&ended)), Ok(()));
}

#[test]
fn a_deleted_account_is_told_to_both_sides_until_it_is_made_again() {
    let accept = Change::Accept(Terms::default(), seeds(), ServiceUsers::default());
    let connected = asked().change(Side::Recipient, accept, &person(2), at(1)).unwrap();
    let made = connected.seen_from(Side::Recipient);
    assert_eq!(made.service_account.unwrap().to_string(), "gsa_20001_0000000000000002");
    assert!(made.waiting.is_empty() && made.other_has_service_account);

    let deleted = connected
        .change(Side::Recipient, Change::DeleteServiceAccount, &person(2), at(2))
        .unwrap();
    let (here, there) = (deleted.seen_from(Side::Recipient), deleted.seen_from(Side::Requester));
    assert_eq!(here.waiting, there.waiting);
    assert!(
        here.waiting[0].contains("Person 2 deleted Project 20001's service account"),
        "{here:?}"
    );
    assert!(!there.other_has_service_account && there.service_account.is_some());

    let again = Change::MakeServiceAccount(Seed(9));
    let again = deleted.change(Side::Recipient, again, &person(3), at(3)).unwrap();
    assert!(again.seen_from(Side::Requester).waiting.is_empty());
    assert_ne!(
        again.recipient.service_account.id(),
        connected.recipient.service_account.id()
    );
}

#[test]
fn a_record_from_before_there_were_accounts_still_reads() {
    let mut record = serde_json::to_value(asked()).unwrap();
    record["requester"].as_object_mut().unwrap().remove("service_account");
    assert_eq!(serde_json::from_value::<Connection>(record).unwrap(), asked());
}

#[test]
fn each_side_lifts_its_own_pause_and_both_have_to() {
    let accept = Change::Accept(Terms::default(), seeds(), ServiceUsers::default());
    let connected = asked().change(Side::Recipient, accept, &person(2), at(1)).unwrap();
    let act = |connection: &Connection, side, change| connection.change(side, change, &person(7), at(2));
    assert!(matches!(
        act(&asked(), Side::Requester, Change::Pause),
        Err(TransitionError::WrongState { .. })
    ));
    let paused = act(&connected, Side::Requester, Change::Pause).unwrap();
    assert!(matches!(
        act(&paused, Side::Requester, Change::Pause),
        Err(TransitionError::WrongState { .. })
    ));
    assert!(matches!(
        act(&paused, Side::Recipient, Change::Resume),
        Err(TransitionError::WrongSide(_))
    ));
    let (here, there) = (paused.seen_from(Side::Requester), paused.seen_from(Side::Recipient));
    assert_eq!(here.waiting, there.waiting);
    assert!(
        here.waiting[0].starts_with("Paused by Person 7 of Company 30001 on 1970-01-01"),
        "{here:?}"
    );
    assert!(here.is_paused_by(Side::Requester) && there.is_paused_by(Side::Requester));

    let both = act(&paused, Side::Recipient, Change::Pause).unwrap();
    let one = act(&both, Side::Requester, Change::Resume).unwrap();
    assert_eq!(one.seen_from(Side::Requester).paused.len(), 1);
    let none = act(&one, Side::Recipient, Change::Resume).unwrap();
    assert_eq!(none.seen_from(Side::Requester).paused, []);
    assert!(matches!(
        act(&none, Side::Recipient, Change::Resume),
        Err(TransitionError::WrongState { .. })
    ));
    let ended = act(&both, Side::Recipient, Change::Disconnect).unwrap();
    assert!(ended.seen_from(Side::Requester).paused.is_empty() && ended.pause_of(Side::Requester).is_none());
}

#[test]
fn a_record_from_before_there_were_pauses_still_reads() {
    let accept = Change::Accept(Terms::default(), seeds(), ServiceUsers::default());
    let connected = asked().change(Side::Recipient, accept, &person(2), at(1)).unwrap();
    let record = serde_json::to_value(&connected).unwrap();
    assert!(!record.to_string().contains("paused") && !record.to_string().contains("refuses_rfis"));
    assert_eq!(serde_json::from_value::<Connection>(record).unwrap(), connected);
    let paused = connected
        .change(Side::Recipient, Change::Pause, &person(2), at(2))
        .unwrap();
    let refuse = Terms {
        review: Some(ReviewChoice::Becomes(RfiReview::Refused)),
        ..Terms::default()
    };
    let refused = paused
        .change(Side::Recipient, Change::Settle(refuse), &person(2), at(3))
        .unwrap();
    let record = serde_json::to_value(&refused).unwrap();
    assert_eq!(serde_json::from_value::<Connection>(record).unwrap(), refused);
}
