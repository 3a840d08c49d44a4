-- For the plugin in editors/neovim and its tests.
std = 'luajit'
globals = { 'vim' } -- fields of it are set in the plugin (vim.bo) and replaced in tests
max_line_length = 120
unused_args = false -- handlers name what they are given
files['.luacheckrc'] = { global = false }
