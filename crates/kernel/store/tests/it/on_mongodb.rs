//! What is asked of MongoDB alone: faults of the network and the server, indexes, the look of the data, opening.

mod faults;
mod layout;
mod opening;
mod processes;
mod proxy;
mod sequencing;
