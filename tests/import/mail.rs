//! `rolesim import mbox` and `maildir` on mailboxes of a few messages.

use super::support::{compressed, folder, write};
use rolesim::import::mail::{read_maildir, read_mbox};
use rolesim::import::trace;

const HEADERS: &str = "From: Ann <ann@example.org>\nTo: Bob <BOB@example.org>, carl@example.com\nCc: bob@example.org\n\
                       Date: Mon, 2 Mar 2026 09:30:00 +0100\nMessage-ID: <1@example.org>\n\n";

/// Five messages. The first goes to two addresses and has a body line that begins with `From ` but
/// follows no empty line. The second has a `Received` and a `Delivered-To`, which count more. The third repeats the first,
/// the fourth has no recipient, the fifth only the separator's date.
#[test]
fn mbox_files_are_read() {
    let folder = folder();
    let body = "Hello,\nFrom now on 2026\n";
    let received = "Received: from a by b; Mon, 02 Mar 2026 08:31:05 +0000\nReceived: from c by a; Mon, 02 Mar 2026 07:00:00 +0000\n\
                    Delivered-To: dora@example.org\nTo: list@example.com\nDate: Sun, 1 Mar 2026 00:00:00 +0000\n\nx\n";
    let text = format!(
        "From ann@example.org Mon Mar  2 09:30:00 2026\n{HEADERS}{body}\nFrom - Mon Mar  2 09:30:00 2026\n{received}\n\
         From x Mon Mar  2 09:30:00 2026\n{HEADERS}again\n\nFrom x Mon Mar  2 09:30:00 2026\nSubject: none\nDate: Mon, 2 Mar 2026 09:30:00 \
         +0000\n\nx\n\nFrom x Mon Mar  2 10:00:00 2026\nTo: bob@example.org\n\nx\n"
    );
    let path = write(&folder, "box.gz", compressed("box.gz", &text));
    let mailbox = read_mbox(&path, &[], &|_| {}).expect("a mailbox");
    assert_eq!((mailbox.found, mailbox.undated, mailbox.no_recipients, mailbox.repeated), (5, 0, 1, 1));
    // bob@example.org is account 0, carl@example.com 1, dora@example.org 2.
    let size = HEADERS.len() + body.len();
    assert_eq!(
        trace::messages(&mailbox.population.deliveries()),
        format!(
            "time,account,message,size_bytes\n2026-03-02T08:30:00Z,0,1,{size}\n2026-03-02T08:30:00Z,1,1,{size}\n\
             2026-03-02T08:31:05Z,2,2,{}\n2026-03-02T10:00:00Z,0,3,{}\n",
            received.len(),
            "To: bob@example.org\n\nx\n".len()
        )
    );
    let domains = ["Example.COM".to_string()];
    let mailbox = read_mbox(&path, &domains, &|_| {}).expect("a mailbox");
    assert_eq!((mailbox.population.messages.len(), mailbox.no_recipients), (1, 3));
}

/// Messages in `cur` and `new` of the folder and of a folder below it; files elsewhere are not messages.
#[test]
fn maildirs_are_read() {
    let folder = folder();
    for name in ["cur", "new", "tmp", ".Sent/cur", ".Sent/new"] {
        std::fs::create_dir_all(folder.path().join(name)).expect("a folder");
    }
    let other = |id: u32| HEADERS.replace("<1@", &format!("<{id}@"));
    write(&folder, "cur/1:2,S", HEADERS);
    write(&folder, "new/2", other(2));
    write(&folder, ".Sent/cur/3", other(3));
    write(&folder, ".Sent/cur/1", HEADERS);
    write(&folder, "tmp/4", other(4));
    write(&folder, "notes", other(5));
    write(&folder, "new/6", b"\xff\xfe no message");
    let mailbox = read_maildir(folder.path(), &[], &|_| {}).expect("a mailbox");
    assert_eq!((mailbox.found, mailbox.undated, mailbox.repeated, mailbox.population.messages.len()), (5, 1, 1, 3));
    assert_eq!(mailbox.population.accounts.len(), 2);
}

/// What is no mailbox is said to be none, and what would be right.
#[test]
fn what_is_no_mailbox_is_refused() {
    let folder = folder();
    let file = write(&folder, "notes.txt", "Dear all,\n");
    let problem = read_mbox(&file, &[], &|_| {}).expect_err("no mbox");
    assert!(problem.to_string().contains("does not start with a line `From ...`"), "{problem}");
    let problem = read_maildir(&file, &[], &|_| {}).expect_err("no folder");
    assert!(problem.help.contains("import mbox"), "{}", problem.help);
    let problem = read_maildir(folder.path(), &[], &|_| {}).expect_err("no messages");
    assert!(problem.to_string().contains("0 messages"), "{problem}");
}
