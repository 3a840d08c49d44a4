--- What the user set in `vim.g.codeplan`, with the defaults. Knows nothing of the server.
local M = {}

---@class codeplan.Config
---@field autostart boolean Start the server for every Python file.
---@field cmd string[]|nil The server's command line; nil for `codeplan-server`.
---@field settings table|nil The server's settings, without the section "codeplan".
---@field code_lens boolean Show "Plan then code" at functions to write.
---@field inline_completion boolean Show verified code as ghost text, where Neovim can (0.12).
---@field echo boolean Show what the server does in the command line while it works.
---@field preview boolean Show the chosen plan with its record and the change before it is used.

---@type codeplan.Config
M.defaults = {
  autostart = true,
  cmd = nil,
  settings = nil,
  code_lens = true,
  inline_completion = true,
  echo = true,
  preview = true,
}

local types = {
  autostart = 'boolean',
  cmd = 'table',
  settings = 'table',
  code_lens = 'boolean',
  inline_completion = 'boolean',
  echo = 'boolean',
  preview = 'boolean',
}

--- What is wrong with `vim.g.codeplan`, in words, one text each.
---@return string[]
function M.problems()
  local given = vim.g.codeplan
  if given == nil then
    return {}
  end
  if type(given) ~= 'table' then
    return { 'vim.g.codeplan must be a table, not a ' .. type(given) }
  end
  local found = {}
  for key, value in pairs(given) do
    if not types[key] then
      found[#found + 1] = ('vim.g.codeplan.%s: there is no such option; see :help codeplan-options'):format(key)
    elseif type(value) ~= types[key] then
      found[#found + 1] = ('vim.g.codeplan.%s must be a %s, not a %s'):format(key, types[key], type(value))
    end
  end
  table.sort(found)
  return found
end

--- The options in force; wrong ones count as not given.
---@return codeplan.Config
function M.get()
  local given = type(vim.g.codeplan) == 'table' and vim.g.codeplan or {}
  local used = {}
  for key, kind in pairs(types) do
    if type(given[key]) == kind then
      used[key] = given[key]
    else
      used[key] = M.defaults[key]
    end
  end
  return used
end

return M
