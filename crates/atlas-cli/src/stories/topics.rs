//! What stories are about: everyday scenes in which anything may be felt.

/// In the order in which they are used; a topic's number in a file is [`FIRST`] plus its place here.
pub const TOPICS: [&str; 20] = [
    "two friends who meet again after many years",
    "a child on the first day at a new school",
    "a worker who is called into the manager's office",
    "a family dinner on a Sunday evening",
    "a letter that arrives in the morning post",
    "a long bus ride through the rain",
    "a student who waits for the result of an exam",
    "a walk with the dog along the river",
    "a musician in the minutes before a concert",
    "a neighbor who knocks at the door at night",
    "the last day of a summer holiday",
    "a runner in the middle of a race",
    "a cook who tries a new recipe for guests",
    "a phone call from an old friend",
    "a visit to a grandmother in hospital",
    "a birthday party in the garden",
    "a lost wallet on a train",
    "a farmer who looks at the fields after a storm",
    "an artist who shows a painting to a teacher",
    "a night alone in a house in the woods",
];

/// Number of the first topic: beyond those of the corpora.
pub const FIRST: u32 = 101;
