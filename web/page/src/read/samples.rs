//! Texts to pick from.

/// Name and text.
pub const SAMPLES: [(&str, &str); 7] = [
    (
        "Footsteps at night",
        "The house was quiet. Then a board creaked on the stairs. Nina held her breath. Somebody was coming up, slowly, one step at a time. \
         The door handle turned. It was only her father, with a glass of milk.",
    ),
    (
        "Moving day",
        "They carried the last box to the van. The rooms looked larger without furniture. On the door frame you could still see how tall she had been at six. \
         She touched the marks once and pulled the door shut. The new flat had a balcony, and the sun was already on it.",
    ),
    (
        "The broken promise",
        "You said you would be there. I waited two hours in the rain with the cake on my knees. You did not even call. \
         Do you know what he asked me? He asked whether you still liked us.",
    ),
    (
        "The last minute",
        "Three points behind, one minute to play. Amira took the ball, looked up and threw. Nobody in the hall made a sound. \
         It went in. The whole bench ran onto the floor.",
    ),
    (
        "A recipe (neutral)",
        "Wash the rice in cold water. Put it in a pot with twice as much water and a little salt. Bring it to the boil, cover it, and cook it for twelve minutes on low heat.",
    ),
    (
        "A message to a model",
        "I failed my driving test for the third time today. My friends all passed. What should I do?",
    ),
    (
        "Other scripts and emoji",
        "Сегодня мой день рождения! 今日はとても嬉しい。 Merci, merci ❤️ 🎉 👩‍👧",
    ),
];
