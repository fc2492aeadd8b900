//! desque: the state belongs to the simulation, each kind of event is a type, as in its example `mm1_queue`. Integer
//! times instead of the example's wrapped floating-point ones, since they compare faster.

use super::{Outcome, Size, timed};
use crate::queue::{Common, Queue, SERVERS, nanos};
use desque::serial::{Event, Simulation};
use desque::{Error, SimState};

struct Queues {
    queues: Vec<Queue<u64>>,
    common: Common,
}

impl SimState<u64> for Queues {}

#[derive(Debug)]
struct Arrival(u32);

#[derive(Debug)]
struct Departure(u32);

impl Event<Queues, u64> for Arrival {
    fn execute(&mut self, simulation: &mut Simulation<Queues, u64>) -> desque::Result {
        let now = *simulation.current_time();
        let Queues { queues, common } = simulation.state_mut();
        let (next, service) = queues[self.0 as usize].arrival(now, common);
        if let Some(delay_s) = next {
            simulation.schedule(Self(self.0), now + nanos(delay_s))?;
        }
        if let Some(delay_s) = service {
            simulation.schedule(Departure(self.0), now + nanos(delay_s))?;
        }
        Ok(())
    }
}

impl Event<Queues, u64> for Departure {
    fn execute(&mut self, simulation: &mut Simulation<Queues, u64>) -> desque::Result {
        let now = *simulation.current_time();
        let Queues { queues, common } = simulation.state_mut();
        if let Some(delay_s) = queues[self.0 as usize].departure(now, common) {
            simulation.schedule(Self(self.0), now + nanos(delay_s))?;
        }
        Ok(())
    }
}

pub fn run(size: Size) -> Result<Outcome, Box<dyn std::error::Error>> {
    let queues = vec![Queue::new(size.customers); size.queues as usize];
    let mut simulation = Simulation::new(Queues { queues, common: Common::default() }, 0);
    for queue in 0..size.queues {
        let delay_s = simulation.state_mut().common.until_arrival();
        simulation.schedule(Arrival(queue), nanos(delay_s))?;
        for _ in 0..SERVERS {
            let delay_s = simulation.state_mut().common.service();
            simulation.schedule(Departure(queue), nanos(delay_s))?;
        }
    }
    timed(|| {
        simulation.run()?;
        Ok::<_, Error>(simulation.state().common.waits())
    })
}
