//! simcore, the core of DSLab: a component a queue, which sends events to itself, as in its example
//! `intro-callbacks`.

use super::{Outcome, Size, timed};
use crate::queue::{Common, Queue, SERVERS};
use serde::Serialize;
use simcore::{Event, EventHandler, Simulation, SimulationContext, cast};
use std::cell::RefCell;
use std::convert::Infallible;
use std::error::Error;
use std::rc::Rc;

#[derive(Clone, Serialize)]
struct Arrival {}

#[derive(Clone, Serialize)]
struct Departure {}

struct Station {
    queue: Queue<f64>,
    common: Rc<RefCell<Common>>,
    context: SimulationContext,
}

impl Station {
    fn on_arrival(&mut self) {
        let (next, service) = self.queue.arrival(self.context.time(), &mut self.common.borrow_mut());
        if let Some(delay_s) = next {
            self.context.emit_self(Arrival {}, delay_s);
        }
        if let Some(delay_s) = service {
            self.context.emit_self(Departure {}, delay_s);
        }
    }

    fn on_departure(&mut self) {
        if let Some(delay_s) = self.queue.departure(self.context.time(), &mut self.common.borrow_mut()) {
            self.context.emit_self(Departure {}, delay_s);
        }
    }
}

impl EventHandler for Station {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Arrival {} => {
                self.on_arrival()
            }
            Departure {} => {
                self.on_departure()
            }
        })
    }
}

pub fn run(size: Size) -> Result<Outcome, Box<dyn Error>> {
    let mut simulation = Simulation::new(1);
    let common = Rc::new(RefCell::new(Common::default()));
    for number in 0..size.queues {
        let name = format!("queue {number}");
        let context = simulation.create_context(&name);
        context.emit_self(Arrival {}, common.borrow_mut().until_arrival());
        for _ in 0..SERVERS {
            context.emit_self(Departure {}, common.borrow_mut().service());
        }
        let station = Station { queue: Queue::new(size.customers), common: common.clone(), context };
        simulation.add_handler(name, Rc::new(RefCell::new(station)));
    }
    timed(|| {
        simulation.step_until_no_events();
        Ok::<_, Infallible>(common.borrow().waits())
    })
}
