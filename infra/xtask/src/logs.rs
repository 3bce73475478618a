//! Shows what the functions log, a line each, with the function's name in front.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{IsTerminal, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value;

use crate::say;

/// Reads the functions' log as it grows.
pub(crate) struct Follower {
    path: PathBuf,
    position: u64,
    unfinished: Vec<u8>,
    coloured: bool,
}

impl Follower {
    pub(crate) fn from_start(path: &Path) -> Self {
        let coloured = std::io::stdout().is_terminal();
        Self {
            path: path.to_owned(),
            position: 0,
            unfinished: Vec::new(),
            coloured,
        }
    }

    pub(crate) fn from_end(path: &Path) -> Self {
        Self {
            position: path.metadata().map_or(0, |it| it.len()),
            ..Self::from_start(path)
        }
    }

    /// Prints the lines that were added since the last time.
    pub(crate) fn print_new(&mut self) -> Result<()> {
        let Ok(mut file) = File::open(&self.path) else {
            return Ok(());
        };
        file.seek(SeekFrom::Start(self.position))?;
        let read = file.read_to_end(&mut self.unfinished)?;
        self.position += read as u64;
        let Some(end) = self.unfinished.iter().rposition(|byte| *byte == b'\n') else {
            return Ok(());
        };
        let rest = self.unfinished.split_off(end + 1);
        let lines = std::mem::replace(&mut self.unfinished, rest);
        for line in String::from_utf8_lossy(&lines).lines() {
            if let Some(line) = readable(line, self.coloured) {
                say::plain(&line);
            }
        }
        Ok(())
    }
}

/// Turns `function<TAB>line` into what a person reads, or nothing when it tells nothing.
fn readable(entry: &str, coloured: bool) -> Option<String> {
    let (function, line) = entry.split_once('\t')?;
    let platform = ["START RequestId", "END RequestId", "REPORT RequestId"];
    if line.trim().is_empty() || platform.iter().any(|it| line.starts_with(it)) {
        return None;
    }
    let name = short_name(function);
    let name = if coloured {
        format!("\x1b[{}m[{name}]\x1b[0m", colour(&name))
    } else {
        format!("[{name}]")
    };
    match serde_json::from_str::<Value>(line) {
        Ok(event) if event.is_object() => Some(format!("{name} {}", sentence(&event, coloured))),
        _ => Some(format!("{name} {line}")),
    }
}

/// `gusset-CopyItemFunction-1A2B3C` → `copy-item`, as its folder is called.
fn short_name(function: &str) -> String {
    let name = function.strip_prefix("gusset-").unwrap_or(function);
    let name = match name.rsplit_once('-') {
        Some((name, suffix)) if name.starts_with(|it: char| it.is_ascii_uppercase()) && suffix.len() > 6 => name,
        _ => name,
    };
    let name = name.strip_suffix("Function").unwrap_or(name);
    let mut short = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !short.is_empty() && !short.ends_with('-') {
            short.push('-');
        }
        short.push(letter.to_ascii_lowercase());
    }
    short
}

/// A line of tracing's JSON: time, level, message, then what else it says as `key=value`.
fn sentence(event: &Value, coloured: bool) -> String {
    let mut words = Vec::new();
    if let Some(time) = event["timestamp"].as_str().and_then(|it| it.get(11..19)) {
        words.push(time.to_owned());
    }
    let level = event["level"].as_str().unwrap_or("INFO");
    words.push(match (coloured, level) {
        (true, "ERROR") => format!("\x1b[31m{level}\x1b[0m"),
        (true, "WARN") => format!("\x1b[33m{level}\x1b[0m"),
        _ => level.to_owned(),
    });
    let fields = if event["fields"].is_object() {
        &event["fields"]
    } else {
        event
    };
    if let Some(message) = fields["message"].as_str() {
        words.push(message.to_owned());
    }
    let told = ["timestamp", "level", "message", "target", "fields", "span", "spans"];
    for (key, value) in fields
        .as_object()
        .into_iter()
        .chain(event["span"].as_object())
        .flatten()
    {
        if told.contains(&key.as_str()) || (key == "name" && event["span"]["name"] == *value) {
            continue;
        }
        words.push(match value.as_str() {
            Some(text) => format!("{key}={text}"),
            None => format!("{key}={value}"),
        });
    }
    words.join(" ")
}

/// The same colour for the same function each time; red and yellow mean something else.
fn colour(name: &str) -> u8 {
    const COLOURS: [u8; 8] = [32, 34, 35, 36, 92, 94, 95, 96];
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    COLOURS[usize::from(hasher.finish() as u8) % COLOURS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_called_as_their_folders() {
        assert_eq!(short_name("gusset-CopyItemFunction-A9E783E9DDC80"), "copy-item");
        assert_eq!(short_name("gusset-PageFunction-A9E783E9DDC80"), "page");
        assert_eq!(short_name("gusset-CopyItem-A9E783E9DDC80"), "copy-item");
        assert_eq!(short_name("gusset-copy-item"), "copy-item");
        assert_eq!(short_name("emulator"), "emulator");
    }

    #[test]
    fn json_becomes_a_sentence() {
        let line = r#"gusset-Accept-A9E783E9DDC80	{"timestamp":"2026-11-22T07:42:01.5Z","level":"WARN","fields":{"message":"refused","connection":7},"target":"accept","span":{"request":"r-1","name":"invoke"}}"#;
        assert_eq!(
            readable(line, false).as_deref(),
            Some("[accept] 07:42:01 WARN refused connection=7 request=r-1")
        );
    }

    #[test]
    fn platform_lines_are_hidden_and_others_shown_as_they_are() {
        assert_eq!(readable("page\tSTART RequestId: 1 Version: $LATEST", false), None);
        assert_eq!(readable("page\t", false), None);
        assert_eq!(
            readable("page\tthread 'main' panicked", false).as_deref(),
            Some("[page] thread 'main' panicked")
        );
    }

    #[test]
    fn half_a_line_waits_for_its_other_half() {
        let path = std::env::temp_dir().join(format!("xtask-follower-{}", std::process::id()));
        std::fs::write(&path, "page\tone\npage\ttw").unwrap();
        let mut follower = Follower::from_start(&path);
        follower.print_new().unwrap();
        assert_eq!(follower.unfinished, b"page\ttw");
        std::fs::remove_file(&path).unwrap();
    }
}
