//! Groups that another process answers, over real sockets on both sides.

mod faults;
mod hostile;
mod parity;
mod placement;
mod sockets;
mod stage;
mod streams;
