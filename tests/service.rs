//! The service as systemd reads it: every line understood, and little left to break out of.

use std::fs;
use std::process::Command;

/// The unit with the program that was built here in place of the installed one: systemd looks whether it exists.
fn unit() -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("koppelwacht.service");
    let text = fs::read_to_string("systemd/koppelwacht.service").expect("the unit");
    fs::write(
        &file,
        text.replace("/usr/bin/koppelwacht", env!("CARGO_BIN_EXE_koppelwacht")),
    )
    .expect("a file");
    let file = file.display().to_string();
    (dir, file)
}

fn systemd_analyze(arguments: &[&str]) -> (bool, String) {
    let output = Command::new("systemd-analyze")
        .args(arguments)
        .output()
        .expect("systemd-analyze is needed: apt-get install systemd");
    (
        output.status.success(),
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
    )
}

#[test]
fn systemd_understands_every_line_of_the_unit() {
    let (_dir, file) = unit();
    let (_, said) = systemd_analyze(&["verify", "--man=no", &file]);
    let about_us: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("koppelwacht.service"))
        .collect();
    assert!(about_us.is_empty(), "{about_us:?}");
}

#[test]
fn the_service_is_locked_in() {
    let (_dir, file) = unit();
    let (locked_in, said) = systemd_analyze(&["security", "--offline=true", "--threshold=20", &file]);
    assert!(locked_in, "{said}");
}
