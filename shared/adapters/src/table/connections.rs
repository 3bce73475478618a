//! Connections. Each is kept under both of its projects, the two always alike: they are written together or not at all.
//! The mails that a change causes are written with it: who writes a change need not think of them.

use aws_sdk_dynamodb::types::{Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use gusset_domain::{
    connection::{Connection, Side},
    connection_code::ConnectionCode,
    ids::{ConnectionId, Pair, ProjectId},
    invitation::{BETWEEN_INVITATIONS, next_invitation},
    notification::caused_by,
    people::Project,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ExtraWrites, Record, Table, TableError, Written, key, number, read, record, refused_at, text};

#[derive(Serialize, Deserialize)]
struct ConnectionRecord {
    connection: Connection,
    version: u64,
    /// With `list_sk`, while it is connected: the list of all that are, by project, which is what the sweep goes by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list_pk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list_sk: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct PairRecord {
    connection: ConnectionId,
}

/// The latest request of one project to another that was not accepted.
#[derive(Serialize, Deserialize)]
struct InvitationRecord {
    /// Unix milliseconds.
    asked_at: i64,
    expires_at: i64,
}

/// What became of a request for a connection.
#[derive(Debug)]
pub enum Asked {
    /// It is recorded.
    Recorded,
    /// The two projects are in a live connection already: this one.
    PairTaken(ConnectionId),
    /// The code was replaced in the meantime.
    CodeReplaced,
    /// The one project has asked the other within the last hour, in vain. It may ask again at this time.
    TooSoon(Timestamp),
}

pub(super) const LIVE: &str = "CONNECTION#LIVE#";
const ENDED: &str = "CONNECTION#ENDED#";
const EITHER: &str = "CONNECTION#";

/// Where the index lists the connections that are connected, once for each of their projects.
const CONNECTED: &str = "CONNECTED";

pub(super) fn pk(project: ProjectId) -> String {
    format!("PROJECT#{project}")
}

fn sk(connection: &Connection) -> String {
    format!("{}{}", if connection.is_live() { LIVE } else { ENDED }, connection.id)
}

fn pair_pk(pair: Pair) -> String {
    format!("PAIR#{pair}")
}

fn invitation_pk(requester: ProjectId, recipient: ProjectId) -> String {
    format!("INVITES#PAIR#{requester}#{recipient}")
}

pub(super) fn connection(record: Record) -> Result<Connection, TableError> {
    read::<ConnectionRecord>(record).map(|record| record.connection)
}

impl Table {
    /// A project's connections, live ones and ended ones, the oldest first. One query.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn connections(&self, project: ProjectId) -> Result<Vec<Connection>, TableError> {
        self.all(&pk(project), Some(EITHER))
            .await?
            .into_iter()
            .map(connection)
            .collect()
    }

    /// A project's connections that are asked for or connected. One query.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn live_connections(&self, project: ProjectId) -> Result<Vec<Connection>, TableError> {
        self.all(&pk(project), Some(LIVE))
            .await?
            .into_iter()
            .map(connection)
            .collect()
    }

    /// All projects that are connected to any other, each once. One query for all, a megabyte a page. Eventually
    /// consistent: a project that was connected a moment ago may be missing.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn connected_projects(&self) -> Result<Vec<Project>, TableError> {
        let query = self.client.query().table_name(&self.name).index_name("by_time");
        let query = query
            .key_condition_expression("list_pk = :connected")
            .expression_attribute_values(":connected", text(CONNECTED));
        let mut pages = query.into_paginator().items().send();
        let mut projects: Vec<Project> = Vec::new();
        while let Some(found) = pages.next().await {
            let found: ConnectionRecord = read(found.map_err(TableError::new)?)?;
            let listed = found.list_sk.as_deref().and_then(|place| place.split_once('#'));
            let id = listed.and_then(|(project, _)| project.parse().ok());
            let side = id.and_then(|id| found.connection.side_of(id));
            let Some(side) = side else {
                return Err(TableError(
                    "a connection is listed under a project that is not its".to_owned(),
                ));
            };
            let project = &found.connection.party(side).project;
            // A project's connections lie side by side.
            if projects.last().is_none_or(|last| last.id != project.id) {
                projects.push(project.clone());
            }
        }
        Ok(projects)
    }

    /// One connection of a project, live or ended.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn connection(&self, project: ProjectId, id: ConnectionId) -> Result<Option<Connection>, TableError> {
        for prefix in [LIVE, ENDED] {
            let found: Option<ConnectionRecord> = self.get(&pk(project), &format!("{prefix}{id}")).await?;
            if let Some(found) = found {
                return Ok(Some(found.connection));
            }
        }
        Ok(None)
    }

    /// Records a new request, under both projects, while the code is still the recipient's, the two projects are in no
    /// other live connection, and an hour after the one last asked the other in vain. The mail that tells the recipient and `also` are written with it, or not at all.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn ask(&self, asked: &Connection, code: ConnectionCode, also: ExtraWrites) -> Result<Asked, TableError> {
        let recipient = asked.recipient.project.id;
        let pair = Put::builder()
            .table_name(&self.name)
            .set_item(Some(record(
                &pair_pk(asked.pair()),
                "PAIR",
                &PairRecord { connection: asked.id },
            )?))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(TableError::new)?;
        let mut writes = vec![
            TransactWriteItem::builder().put(pair).build(),
            self.code_still_holds(code, recipient)?,
            self.put_invitation(asked)?,
        ];
        for side in [Side::Requester, Side::Recipient] {
            writes.push(self.put_view(asked, side, None)?);
        }
        writes.extend(self.outbox(caused_by(None, asked))?.and(also).0);
        match self.transact(writes).await? {
            Written::All => Ok(Asked::Recorded),
            Written::Refused(reasons) if refused_at(&reasons, 0) => {
                let pair = reasons.into_iter().next().and_then(|reason| reason.item);
                let pair: PairRecord = read(pair.ok_or_else(|| TableError("a pair without its record".to_owned()))?)?;
                Ok(Asked::PairTaken(pair.connection))
            }
            Written::Refused(reasons) if refused_at(&reasons, 1) => Ok(Asked::CodeReplaced),
            Written::Refused(reasons) if refused_at(&reasons, 2) => {
                let before = reasons.into_iter().nth(2).and_then(|reason| reason.item);
                let before = before.map(read::<InvitationRecord>).transpose()?;
                let before = before.and_then(|before| Timestamp::from_millisecond(before.asked_at).ok());
                Ok(Asked::TooSoon(next_invitation(before.unwrap_or(asked.asked.at))))
            }
            Written::Refused(_) => Err(TableError("a connection's id was given out twice".to_owned())),
        }
    }

    /// The condition that the one project has not asked the other within the last hour, and that it has from now on.
    fn put_invitation(&self, asked: &Connection) -> Result<TransactWriteItem, TableError> {
        let now = asked.asked.at;
        let hour = i64::try_from(BETWEEN_INVITATIONS.as_secs()).unwrap_or(i64::MAX / 2);
        let invitation = InvitationRecord {
            asked_at: now.as_millisecond(),
            expires_at: now.as_second() + hour,
        };
        let pk = invitation_pk(asked.requester.project.id, asked.recipient.project.id);
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(record(&pk, "INVITES", &invitation)?))
            .condition_expression("attribute_not_exists(pk) OR asked_at <= :earliest")
            .expression_attribute_values(":earliest", number(now.as_millisecond() - hour * 1_000))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(TableError::new)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A request that is accepted was no imposition: it does not keep the one project from asking the other again.
    fn forget_invitation(&self, accepted: &Connection) -> Result<TransactWriteItem, TableError> {
        let pk = invitation_pk(accepted.requester.project.id, accepted.recipient.project.id);
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(key(&pk, "INVITES")))
            .build()
            .map_err(TableError::new)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Replaces a connection by what it has become, under both projects, with the service accounts that it has got or
    /// lost. False where somebody else has changed it in the meantime: nothing is written then. The mails that the change
    /// causes and `also` are written with it, or not at all.
    ///
    /// # Errors
    /// [`TableError`], when the table does not answer.
    pub async fn replace_connection(
        &self,
        old: &Connection,
        new: &Connection,
        also: ExtraWrites,
    ) -> Result<bool, TableError> {
        let mut writes = Vec::with_capacity(8);
        for side in [Side::Requester, Side::Recipient] {
            if new.is_live() {
                writes.push(self.put_view(new, side, Some(old.version))?);
            } else {
                writes.push(self.delete_view(old, side)?);
                writes.push(self.put_view(new, side, None)?);
            }
        }
        if !new.is_live() {
            let pair = Delete::builder()
                .table_name(&self.name)
                .set_key(Some(key(&pair_pk(new.pair()), "PAIR")))
                .condition_expression("#connection = :connection")
                .expression_attribute_names("#connection", "connection")
                .expression_attribute_values(":connection", text(new.id.to_string()))
                .build()
                .map_err(TableError::new)?;
            writes.push(TransactWriteItem::builder().delete(pair).build());
        }
        if old.connected_since().is_none() && new.connected_since().is_some() {
            writes.push(self.forget_invitation(new)?);
        }
        for side in [Side::Requester, Side::Recipient] {
            writes.extend(self.account_in_step(old, new, side)?);
        }
        writes.extend(self.outbox(caused_by(Some(old), new))?.and(also).0);
        Ok(matches!(self.transact(writes).await?, Written::All))
    }

    /// One side's record: new, or over the version `over`.
    fn put_view(
        &self,
        connection: &Connection,
        side: Side,
        over: Option<u64>,
    ) -> Result<TransactWriteItem, TableError> {
        let project = connection.party(side).project.id;
        let connected = connection.connected_since().is_some();
        let view = ConnectionRecord {
            connection: connection.clone(),
            version: connection.version,
            list_pk: connected.then(|| CONNECTED.to_owned()),
            list_sk: connected.then(|| format!("{project}#{}", connection.id)),
        };
        let item = record(&pk(project), &sk(connection), &view)?;
        let put = Put::builder().table_name(&self.name).set_item(Some(item));
        let put = match over {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(version) => put
                .condition_expression("version = :version")
                .expression_attribute_values(":version", number(version)),
        };
        Ok(TransactWriteItem::builder()
            .put(put.build().map_err(TableError::new)?)
            .build())
    }

    fn delete_view(&self, connection: &Connection, side: Side) -> Result<TransactWriteItem, TableError> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(key(&pk(connection.party(side).project.id), &sk(connection))))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", number(connection.version))
            .build()
            .map_err(TableError::new)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}
