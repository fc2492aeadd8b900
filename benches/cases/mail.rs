//! The messages of a replication.

use rolesim::cluster::setup::Setup;
use rolesim::engine::random::Streams;
use rolesim::workload::{Accounts, Messages};

/// Draws `count` messages in blocks, as a simulation does; returns the sum of the recipients' numbers.
pub fn in_blocks(setup: &Setup, accounts: &Accounts, count: u32) -> u64 {
    let streams = Streams { seed: setup.seed, replication: 0 };
    let mut messages = Messages::new(&setup.workload, setup.calendar, setup.span.measure_start, streams);
    let mut sum = 0;
    for _ in 0..count {
        messages.draw_block(accounts);
        messages.take();
        sum += (0..messages.recipients()).map(|number| u64::from(messages.recipient(number).0)).sum::<u64>();
    }
    sum
}
