"""What the columns of a leaderboard mean, for the terminal and for MLflow's page."""

LEGEND = "z: latent size, p: patience, ep: epochs; PCA and untrained: controls of the same latent size"
MATCHER_LEGEND = (
    "lr: learning rate, p: patience, ep: epochs; match_ratio: what a proposal, without any search, leaves of the\n"
    "distance to what is right (1: as good as doing nothing), the mean of paired, with the reference's dry version, and blind"
)
EXPLAINED = (
    "PCA and untrained are controls of the same latent size: a model is worth its training where it beats both. Unseen gain: "
    "accuracy among the held-out effects, less that of the untrained encoder on the same effects.\n\n"
)
MATCHER_EXPLAINED = (
    "A match ratio is what a proposal, without any search, leaves of the distance to what is right: below 1 is better than doing "
    "nothing. Paired, the reference's dry version is known; blind it is not.\n\n"
)
