function startPlayer() {}
