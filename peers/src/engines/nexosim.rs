//! nexosim on one thread: a model a queue, which schedules its own events, as in its example `stepper_motor`. Models may
//! move between threads and so cannot share by reference; what the queues have in common is kept by the one thread.

use super::{Outcome, Size, timed};
use crate::queue::{Common, Queue, SERVERS, Time};
use nexosim::model::{Context, Model, schedulable};
use nexosim::simulation::{ExecutionError, Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::error::Error;
use std::time::Duration;

thread_local! {
    static COMMON: RefCell<Common> = RefCell::default();
}

impl Time for MonotonicTime {
    fn seconds_since(self, earlier: Self) -> f64 {
        self.duration_since(earlier).as_secs_f64()
    }
}

#[derive(Serialize, Deserialize)]
struct Station {
    queue: Queue<MonotonicTime>,
}

#[Model]
impl Station {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>) {
        COMMON.with_borrow_mut(|common| {
            Self::arrival_after(Some(common.until_arrival()), context);
            for _ in 0..SERVERS {
                Self::departure_after(Some(common.service()), context);
            }
        });
    }

    #[nexosim(schedulable)]
    fn arrival(&mut self, _: (), context: &Context<Self>) {
        let (next, service) = COMMON.with_borrow_mut(|common| self.queue.arrival(context.time(), common));
        Self::arrival_after(next, context);
        Self::departure_after(service, context);
    }

    #[nexosim(schedulable)]
    fn departure(&mut self, _: (), context: &Context<Self>) {
        let service = COMMON.with_borrow_mut(|common| self.queue.departure(context.time(), common));
        Self::departure_after(service, context);
    }

    fn arrival_after(delay_s: Option<f64>, context: &Context<Self>) {
        if let Some(delay_s) = delay_s {
            context.schedule_event(Duration::from_secs_f64(delay_s), schedulable!(Self::arrival), ()).unwrap();
        }
    }

    fn departure_after(delay_s: Option<f64>, context: &Context<Self>) {
        if let Some(delay_s) = delay_s {
            context.schedule_event(Duration::from_secs_f64(delay_s), schedulable!(Self::departure), ()).unwrap();
        }
    }
}

pub fn run(size: Size) -> Result<Outcome, Box<dyn Error>> {
    let mut bench = SimInit::with_num_threads(1);
    for number in 0..size.queues {
        let station = Station { queue: Queue::new(size.customers) };
        bench = bench.add_model(station, Mailbox::new(), &format!("queue {number}"));
    }
    let mut simulation = bench.init(MonotonicTime::EPOCH)?;
    timed(|| {
        simulation.run()?;
        Ok::<_, ExecutionError>(COMMON.with_borrow(Common::waits))
    })
}
