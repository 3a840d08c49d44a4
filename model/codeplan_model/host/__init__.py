"""The model process shared by all editor windows and the command line, and its client.

`client.HostClient` is what backends use. The process itself is `python -m codeplan_model.host`;
only there llama.cpp is loaded.
"""
