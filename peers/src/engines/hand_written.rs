//! Plain loops over pending-event sets, those of the engine's own benchmark.

#[path = "../../../benches/engine/hand_written.rs"]
mod sets;

use super::{Outcome, Size, timed};
use crate::Event;
use crate::queue::{Common, Queue, SERVERS, nanos};
use sets::{Binary, EventSet, FourAry, Radix};
use std::convert::Infallible;
use std::error::Error;

pub fn four_ary(size: Size) -> Result<Outcome, Box<dyn Error>> {
    run::<FourAry>(size)
}

pub fn radix(size: Size) -> Result<Outcome, Box<dyn Error>> {
    run::<Radix>(size)
}

pub fn binary(size: Size) -> Result<Outcome, Box<dyn Error>> {
    run::<Binary>(size)
}

fn run<S: EventSet>(size: Size) -> Result<Outcome, Box<dyn Error>> {
    let mut common = Common::default();
    let mut set = S::default();
    for queue in 0..size.queues {
        set.push(nanos(common.until_arrival()), Event::Arrival(queue));
        for _ in 0..SERVERS {
            set.push(nanos(common.service()), Event::Departure(queue));
        }
    }
    let mut queues = vec![Queue::new(size.customers); size.queues as usize];
    timed(|| {
        while let Some((now, event)) = set.pop() {
            let (queue, service) = match event {
                Event::Arrival(queue) => {
                    let (next, service) = queues[queue as usize].arrival(now, &mut common);
                    if let Some(delay_s) = next {
                        set.push(now + nanos(delay_s), event);
                    }
                    (queue, service)
                }
                Event::Departure(queue) => (queue, queues[queue as usize].departure(now, &mut common)),
            };
            if let Some(delay_s) = service {
                set.push(now + nanos(delay_s), Event::Departure(queue));
            }
        }
        Ok::<_, Infallible>(common.waits())
    })
}
