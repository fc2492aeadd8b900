//! odem-rs: servers and sources are processes; a server without work gives its waker away and sleeps, as in its example
//! `mm1`. Without the feature for traces, which nobody reads here.

use super::{Outcome, Size, user_s};
use crate::queue::{Common, SERVERS};
use odem_rs::core::ops::waker;
use odem_rs::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::error::Error;
use std::task::Waker;

#[derive(Config)]
#[time(f64)]
struct World {
    stations: Vec<Station>,
    common: RefCell<Common>,
    /// Customers that have not gone yet.
    left: Cell<u64>,
    /// Who waits until they have.
    main: Cell<Option<Waker>>,
}

impl World {
    fn gone(&self) {
        self.left.set(self.left.get() - 1);
        if self.left.get() == 0
            && let Some(main) = self.main.take()
        {
            main.wake();
        }
    }
}

#[derive(Default)]
struct Station {
    /// When those in line came.
    line: RefCell<VecDeque<f64>>,
    idle: RefCell<Vec<Waker>>,
}

impl Station {
    /// The next customer is served: for so many seconds.
    fn begin(&self, now: f64, common: &RefCell<Common>) -> Option<f64> {
        let came = self.line.borrow_mut().pop_front()?;
        let mut common = common.borrow_mut();
        common.begins(now - came);
        Some(common.service())
    }
}

struct Server {
    station: usize,
}

impl Behavior<World> for Server {
    type Output = ();

    async fn actions(&self, sim: &Sim<World>) {
        let world = sim.global();
        let station = &world.stations[self.station];
        let service_s = world.common.borrow_mut().service();
        sim.advance(service_s).await;
        world.gone();
        loop {
            while let Some(service_s) = station.begin(sim.now(), &world.common) {
                sim.advance(service_s).await;
                world.gone();
            }
            let waker = waker().await;
            station.idle.borrow_mut().push(waker);
            sleep().await;
        }
    }
}

struct Source {
    station: usize,
    customers: u32,
}

impl Behavior<World> for Source {
    type Output = ();

    async fn actions(&self, sim: &Sim<World>) {
        let world = sim.global();
        let station = &world.stations[self.station];
        for _ in 0..self.customers {
            let delay_s = world.common.borrow_mut().until_arrival();
            sim.advance(delay_s).await;
            station.line.borrow_mut().push_back(sim.now());
            if let Some(server) = station.idle.borrow_mut().pop() {
                server.wake();
            }
        }
    }
}

pub fn run(size: Size) -> Result<Outcome, Box<dyn Error>> {
    let customers = u64::from(size.queues) * u64::from(size.customers + SERVERS);
    let stations = (0..size.queues).map(|_| Station::default()).collect();
    let world = World { stations, common: RefCell::default(), left: Cell::new(customers), main: Cell::new(None) };
    let outcome = Simulator::new(world).run(async |sim| {
        for station in 0..size.queues as usize {
            sim.spawn(Source { station, customers: size.customers });
            for _ in 0..SERVERS {
                sim.spawn(Server { station });
            }
        }
        // Behind all the others, which have drawn their first delays then.
        sim.advance(0.0).await;
        let start_s = user_s()?;
        sim.global().main.set(Some(waker().await));
        sleep().await;
        let outcome = Outcome { user_s: user_s()? - start_s, waits: sim.global().common.borrow().waits() };
        // Wakers may not outlive the run.
        for station in &sim.global().stations {
            station.idle.borrow_mut().clear();
        }
        Ok(outcome)
    });
    outcome.map_err(|deadlock| format!("{deadlock:?}"))?
}
