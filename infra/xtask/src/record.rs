//! What is written down about a stand's processes, so that another xtask can find and stop them, and nothing else.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::ports::Ports;
use crate::processes::{self, Process};

const FILE: &str = "processes.json";

/// The environment variable that every process of a stand carries, with the stand's folder.
pub(crate) const STAND_FOLDER_VARIABLE: &str = "GUSSET_STAND_DIR";

/// One process of a stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) started: String,
}

impl Member {
    /// Describes a process that runs.
    pub(crate) fn new(name: &str, id: u32) -> Self {
        let started = processes::find(id).map(|process| process.started).unwrap_or_default();
        Self {
            name: name.to_owned(),
            id,
            started,
        }
    }

    /// Whether it runs still: the same process, not another that was given its id.
    pub(crate) fn is_alive(&self) -> bool {
        processes::find(self.id).is_some_and(|process| self.is(&process))
    }

    fn is(&self, process: &Process) -> bool {
        process.id == self.id && process.started == self.started
    }
}

/// A stand as another xtask sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) ports: Ports,
    /// Whether it was deployed to: until then it is of no use to anybody else.
    pub(crate) ready: bool,
    /// The xtask that stops it.
    pub(crate) keeper: Option<Member>,
    pub(crate) members: Vec<Member>,
}

impl Record {
    /// Reads what the stand's folder says, if anything.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        parse(&serde_json::from_str(&fs::read_to_string(folder.join(FILE)).ok()?).ok()?)
    }

    /// Writes it, never half.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let member = |it: &Member| json!({"name": it.name, "pid": it.id, "started": it.started});
        let text = json!({
            "ports": {"product": self.ports.product, "sandbox": self.ports.sandbox, "aws": self.ports.aws},
            "ready": self.ready,
            "keeper": self.keeper.as_ref().map(member),
            "members": self.members.iter().map(member).collect::<Vec<_>>(),
        });
        let new = folder.join("processes.json.new");
        fs::write(&new, format!("{text:#}\n"))
            .and_then(|()| fs::rename(&new, folder.join(FILE)))
            .with_context(|| format!("{} cannot be written", folder.join(FILE).display()))
    }

    /// Whether it can be used: deployed to, and all of it runs.
    pub(crate) fn is_usable(&self) -> bool {
        self.ready && self.members.len() == 3 && self.members.iter().all(Member::is_alive)
    }

    /// Stops what runs of it. Returns whether anything did.
    pub(crate) fn stop(&self, folder: &Path) -> bool {
        let running = processes::snapshot();
        let groups: HashSet<u32> = self
            .members
            .iter()
            .filter(|member| match running.iter().find(|process| process.id == member.id) {
                Some(leader) => member.is(leader),
                // The leader is gone, its children may not be: they are ours if they say so.
                None => running
                    .iter()
                    .any(|process| process.group == member.id && belongs_to(process.id, folder)),
            })
            .map(|member| member.id)
            .collect();
        processes::stop_groups(&groups);
        !groups.is_empty()
    }
}

fn parse(record: &Value) -> Option<Record> {
    let port = |name: &str| record["ports"][name].as_u64().and_then(|port| u16::try_from(port).ok());
    let member = |value: &Value| {
        Some(Member {
            name: value["name"].as_str()?.to_owned(),
            id: value["pid"].as_u64().and_then(|id| u32::try_from(id).ok())?,
            started: value["started"].as_str()?.to_owned(),
        })
    };
    Some(Record {
        ports: Ports {
            product: port("product")?,
            sandbox: port("sandbox")?,
            aws: port("aws")?,
        },
        ready: record["ready"].as_bool()?,
        keeper: member(&record["keeper"]),
        members: record["members"]
            .as_array()?
            .iter()
            .map(member)
            .collect::<Option<_>>()?,
    })
}

/// Whether the process was started for the stand in this folder. Unknown, and so no, where there is no /proc.
fn belongs_to(process: u32, folder: &Path) -> bool {
    let ours = format!("{STAND_FOLDER_VARIABLE}={}", folder.display());
    fs::read(format!("/proc/{process}/environ")).is_ok_and(|environment| {
        environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == ours.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::processes::Group;

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-record-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn record(members: Vec<Member>) -> Record {
        Record {
            ports: Ports::default(),
            ready: true,
            keeper: None,
            members,
        }
    }

    #[test]
    fn a_record_is_read_as_written() {
        let folder = folder("read");
        let written = record(vec![Member {
            name: "sandbox".to_owned(),
            id: 7,
            started: "12".to_owned(),
        }]);
        written.write(&folder).unwrap();
        assert_eq!(Record::read(&folder), Some(written));
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(Record::read(&folder), None);
    }

    #[test]
    fn a_stranger_with_a_reused_id_is_not_stopped() {
        let mut stranger = Group::start(Command::new("sleep").arg("300")).unwrap();
        let reused = Member {
            started: "an earlier time".to_owned(),
            ..Member::new("sandbox", stranger.id())
        };
        assert!(!record(vec![reused]).stop(Path::new("/nowhere")));
        assert!(stranger.ended().unwrap().is_none());
        let ours = Member::new("sandbox", stranger.id());
        assert!(ours.is_alive());
        assert!(record(vec![ours]).stop(Path::new("/nowhere")));
        assert!(stranger.ended().unwrap().is_some());
    }
}
