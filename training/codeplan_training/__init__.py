"""The training room: from problems to a model that the server loads. Stands on codeplan_model."""
