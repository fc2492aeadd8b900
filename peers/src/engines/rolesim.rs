//! rolesim's engine through its public interface.

use super::{Outcome, Size, timed};
use crate::Event;
use crate::queue::{Common, Queue, SERVERS, nanos};
use rolesim::engine::{Agenda, Model, Pack, run as run_engine};
use rolesim::time::{SimDuration, SimTime};
use std::convert::Infallible;
use std::error::Error;

impl Pack for Event {
    type Packed = Self;

    fn pack(self) -> Self {
        self
    }

    fn unpack(packed: Self) -> Self {
        packed
    }
}

struct Queues {
    queues: Vec<Queue<u64>>,
    common: Common,
}

fn after(agenda: &mut Agenda<Event>, delay_s: f64, event: Event) {
    agenda.after(SimDuration::from_nanos(nanos(delay_s)), event);
}

impl Model for Queues {
    type Event = Event;
    const KINDS: usize = 2;

    fn kind(event: &Event) -> usize {
        match event {
            Event::Arrival(_) => 0,
            Event::Departure(_) => 1,
        }
    }

    fn next_source_time(&self) -> SimTime {
        SimTime::NEVER
    }

    fn handle_source(&mut self, _: &mut Agenda<Event>) {}

    fn handle(&mut self, event: Event, agenda: &mut Agenda<Event>) {
        let now = agenda.now().as_nanos();
        let (queue, service) = match event {
            Event::Arrival(queue) => {
                let (next, service) = self.queues[queue as usize].arrival(now, &mut self.common);
                if let Some(delay_s) = next {
                    after(agenda, delay_s, event);
                }
                (queue, service)
            }
            Event::Departure(queue) => (queue, self.queues[queue as usize].departure(now, &mut self.common)),
        };
        if let Some(delay_s) = service {
            after(agenda, delay_s, Event::Departure(queue));
        }
    }

    fn is_done(&self) -> bool {
        false
    }
}

pub fn run(size: Size) -> Result<Outcome, Box<dyn Error>> {
    let mut common = Common::default();
    let mut agenda = Agenda::default();
    for queue in 0..size.queues {
        after(&mut agenda, common.until_arrival(), Event::Arrival(queue));
        for _ in 0..SERVERS {
            after(&mut agenda, common.service(), Event::Departure(queue));
        }
    }
    let mut model = Queues { queues: vec![Queue::new(size.customers); size.queues as usize], common };
    timed(|| {
        run_engine(&mut model, &mut agenda, SimTime::NEVER);
        Ok::<_, Infallible>(model.common.waits())
    })
}
