//! The tour by `curl` in `docs/` is run as it is printed, and shows what it says it shows.

use std::{process::Stdio, time::Duration};

use gusset_tests::Stand;
use tokio::{process::Command, time::timeout};

/// What it prints where each run prints something else.
const ANYTHING: &str = "…";

/// Ends a step's output.
const STEP_ENDS: &str = "=== step ends ===";

/// Commands, and what they print.
struct Step {
    commands: String,
    output: String,
}

/// The only user of the demo data's projects 20001 and 30001. It needs a stand on which they are not connected,
/// and leaves it so: it may run again.
#[tokio::test]
async fn the_tour_by_curl_shows_what_it_says() {
    let stand = Stand::new();
    let steps = steps(include_str!("../../docs/api-tour.md"));
    assert!(steps.len() > 3, "the tour has steps");
    let mut script: String = steps
        .iter()
        .map(|step| format!("{}\necho '{STEP_ENDS}'\n", step.commands))
        .collect();
    for (printed, here) in [
        ("GUSSET=http://localhost:8080\n", format!("GUSSET={}\n", stand.gusset)),
        (
            "PROCORE=http://localhost:8090\n",
            format!("PROCORE={}\n", stand.procore),
        ),
    ] {
        assert!(script.contains(printed), "the tour sets {printed:?}");
        script = script.replace(printed, &here);
    }
    let run = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ran = timeout(Duration::from_secs(120), run)
        .await
        .expect("the tour takes two minutes at most")
        .unwrap();
    let (said, complaint) = (
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr),
    );
    let end = format!("{STEP_ENDS}\n");
    let mut outputs = said.split(&end);
    for step in &steps {
        let output = outputs.next().unwrap_or_default().trim_end();
        assert!(
            is_as_printed(&step.output, output),
            "After\n{}\nthe tour says\n{}\nand on this stand (are the two projects connected already?) came\n{output}\n{complaint}",
            step.commands,
            step.output
        );
    }
    assert!(ran.status.success(), "{complaint}");
}

/// The tour's blocks of commands, each with the block of output that follows it, if one does.
fn steps(tour: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in tour.split("```").skip(1).step_by(2) {
        let (kind, text) = block.split_once('\n').unwrap();
        match kind {
            "sh" => steps.push(Step {
                commands: text.to_owned(),
                output: String::new(),
            }),
            "text" => text.trim_end().clone_into(&mut steps.last_mut().unwrap().output),
            other => panic!("a block of the tour is neither sh nor text but {other:?}"),
        }
    }
    steps
}

fn is_as_printed(printed: &str, output: &str) -> bool {
    let same_line = |(printed, output): (&str, &str)| match printed.split_once(ANYTHING) {
        None => printed == output,
        Some((before, after)) => {
            output.len() > before.len() + after.len() && output.starts_with(before) && output.ends_with(after)
        }
    };
    printed.lines().count() == output.lines().count() && printed.lines().zip(output.lines()).all(same_line)
}

#[test]
fn a_printed_line_may_leave_one_part_open() {
    assert!(is_as_printed("a\nGST-… end", "a\nGST-7Z end"));
    assert!(
        !is_as_printed("a\nGST-… end", "a\nGST- end"),
        "something has to be there"
    );
    assert!(!is_as_printed("a", "a\nb"));
    assert!(!is_as_printed("a", "b"));
}
