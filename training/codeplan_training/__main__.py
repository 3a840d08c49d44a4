"""`python -m codeplan_training`: what torchrun and accelerate launch start."""

from codeplan_training.cli import main

if __name__ == "__main__":
    main()
