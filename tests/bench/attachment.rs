//! An RFI with one attachment, copied by a worker that was started for it.

use std::time::{Duration, Instant};

use futures_util::stream;
use gusset_tests::kill_function;
use reqwest::{Body, header};
use serde_json::Value;

use crate::{memory_of, sender::Sender, window::Window};

pub(crate) const MEGABYTE: u64 = 1024 * 1024;

/// How it went.
pub(crate) struct Sent {
    /// Whether the copy has the attachment, in full.
    pub(crate) arrived: bool,
    /// The most memory that the worker had resident, in bytes.
    pub(crate) memory: u64,
    pub(crate) uploads: usize,
    pub(crate) segments: usize,
    pub(crate) downloads: usize,
    pub(crate) took: Duration,
}

const BOUNDARY: &str = "an-attachment-is-between";

/// Sends an RFI with an attachment of so many megabytes, which are all different.
pub(crate) async fn send(sender: &Sender, megabytes: u64) -> Sent {
    let subject = format!("An attachment of {megabytes} MB");
    kill_function("CopyItem");
    let mut window = Window::open(&sender.pair.stand).await;
    create(sender, &subject, megabytes).await;
    let began = Instant::now();
    window.copies(sender.target().id, 1).await;
    let took = began.elapsed();
    let seen = window.close(1).await;
    let copies = sender.pair.stand.copies(sender.target()).await;
    let copy = copies.iter().find(|copy| copy["subject"] == subject.as_str()).unwrap();
    let (uploads, segments) = seen.uploads();
    Sent {
        arrived: has_all(sender, copy, megabytes).await,
        memory: memory_of("CopyItem"),
        uploads,
        segments,
        downloads: seen.downloads(),
        took,
    }
}

async fn create(sender: &Sender, subject: &str, megabytes: u64) {
    let (south, sam) = &sender.pair.south;
    let fields = [
        ("login", sam.login.clone()),
        ("rfi[subject]", subject.to_owned()),
        ("rfi[draft]", "false".to_owned()),
        ("rfi[rfi_manager_id]", south.people[1].1.to_string()),
        ("rfi[question][body]", "<p>See the attachment.</p>".to_owned()),
    ];
    let mut head = String::new();
    for (name, value) in fields {
        head += &format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    head += &format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"rfi[question][attachments][]\"; \
         filename=\"plan.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"
    );
    let pieces = (0..megabytes).map(|number| megabyte(number as u8));
    let whole = [head.into_bytes()]
        .into_iter()
        .chain(pieces)
        .chain([format!("\r\n--{BOUNDARY}--\r\n").into_bytes()]);
    let stand = &sender.pair.stand;
    let url = format!("{}/sandbox/projects/{}/rfis", stand.procore, sender.source().id);
    let form = stand.http.post(url).header(
        header::CONTENT_TYPE,
        format!("multipart/form-data; boundary={BOUNDARY}"),
    );
    let body = Body::wrap_stream(stream::iter(whole.map(Ok::<_, std::io::Error>)));
    let created = form.body(body).send().await.unwrap();
    assert_eq!(created.status(), 201, "{}", created.text().await.unwrap());
}

/// No two are the same, and none can be shortened to a few bytes.
fn megabyte(number: u8) -> Vec<u8> {
    let mut state = u32::from(number) + 1;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..MEGABYTE).map(next).collect()
}

/// Whether a copy has the attachment, byte by byte.
async fn has_all(sender: &Sender, copy: &Value, megabytes: u64) -> bool {
    let attachment = &copy["questions"][0]["attachments"][0];
    if attachment.is_null() {
        return false;
    }
    let file = sender.pair.stand.file(attachment).await;
    let mut pieces = file.chunks(MEGABYTE as usize).enumerate();
    file.len() as u64 == megabytes * MEGABYTE && pieces.all(|(number, piece)| piece == megabyte(number as u8))
}
