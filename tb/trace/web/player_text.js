// Sentences of the player.
