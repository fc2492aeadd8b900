//! The simulated server against answers from outside the program: hand calculations, queueing theory,
//! rules of the server. Each mechanism is also tried with it switched off.

mod balancer;
mod faults;
mod harness;
mod push;
mod queues;
mod reference;
mod services;
mod story;
mod theory;
mod timed;
mod versions;
