//! Texts to pick from.

/// Key of the name, and text.
pub const SAMPLES: [(&str, &str); 8] = [
    (
        "read.sample.steps",
        "The house was quiet. Then a board creaked on the stairs. Nina held her breath. Somebody was coming up, slowly, one step at a time. \
         The door handle turned. It was only her father, with a glass of milk.",
    ),
    (
        "read.sample.moving",
        "They carried the last box to the van. The rooms looked larger without furniture. On the door frame you could still see how tall she had been at six. \
         She touched the marks once and pulled the door shut. The new flat had a balcony, and the sun was already on it.",
    ),
    (
        "read.sample.promise",
        "You said you would be there. I waited two hours in the rain with the cake on my knees. You did not even call. \
         Do you know what he asked me? He asked whether you still liked us.",
    ),
    (
        "read.sample.minute",
        "Three points behind, one minute to play. Amira took the ball, looked up and threw. Nobody in the hall made a sound. \
         It went in. The whole bench ran onto the floor.",
    ),
    (
        "read.sample.recipe",
        "Wash the rice in cold water. Put it in a pot with twice as much water and a little salt. Bring it to the boil, cover it, and cook it for twelve minutes on low heat.",
    ),
    (
        "read.sample.message",
        "I failed my driving test for the third time today. My friends all passed. What should I do?",
    ),
    (
        "read.sample.talk",
        "User: I failed my driving test for the third time today.\nAssistant: I am sorry to hear that. What went wrong?\n\
         User: I braked too late, and the examiner shouted at me.\nAssistant: That sounds hard. You can try again.",
    ),
    (
        "read.sample.scripts",
        "Сегодня мой день рождения! 今日はとても嬉しい。 Merci, merci ❤️ 🎉 👩‍👧",
    ),
];
