//! What is asked of a MongoDB server, so that an operator can grant it and a test can hold us to it.

/// Every command that is sent to MongoDB, the driver's own included. The built-in roles `readWrite` of the database and, for
/// putting a backup back, `dbAdmin` of it grant them all; change streams are read with `aggregate`.
pub const MONGODB_COMMANDS: [&str; 17] = [
    "abortTransaction",
    "aggregate",
    "commitTransaction",
    "createIndexes",
    "delete",
    "drop",
    "endSessions",
    "find",
    "findAndModify",
    "getMore",
    "hello",
    "insert",
    // How the driver greets a server before it knows that it understands `hello`.
    "isMaster",
    "killCursors",
    "listIndexes",
    "ping",
    "update",
];
