"""Fine-tuning of Hugging Face students on two tasks at once (CodePLAN, section 3.2).

    settings  everything that decides a run
    pairs     problems -> prompts and completions of the code task and the plan task
    rows      completions -> packed or grouped rows of tokens, and which rows a step takes
    students  loading, new students, the second head, LoRA, saving
    loop      the training itself, in one process or several, with exact resume
    metrics   JSONL, TensorBoard, the progress line

The embedded model is trained from token files instead (`codeplan_training.train`).
"""
