--- codeplan for Neovim: what users call. Nothing has to be called for the defaults.
local client_of = require('codeplan.client')

local M = {}

--- Ask the server to do a command for a buffer. Its answer goes to `on_done` and to the autocommand
--- `User CodeplanDone`, whose data are {command, bufnr, result, message}.
---@param command string for example "planThenCode"
---@param options codeplan.Options|nil
---@param scope "function"|"file"|"none" what the command works on
function M.execute(command, options, scope)
  options = options or {}
  local bufnr = options.bufnr
  if not bufnr or bufnr == 0 then
    bufnr = vim.api.nvim_get_current_buf()
  end
  local window = vim.fn.bufwinid(bufnr)
  local function failed(message)
    M.finish(command, bufnr, options, { message = message })
  end
  client_of.with(bufnr, function(client)
    if not M.offers(client, command) then
      return failed(('this server has no command codeplan.%s; it is older than the plugin'):format(command))
    end
    local argument = nil
    if scope ~= 'none' then
      argument = { uri = vim.uri_from_bufnr(bufnr), plan = options.plan }
    end
    if argument and scope == 'function' then
      argument.position = options.position
        or vim.lsp.util.make_position_params(window ~= -1 and window or 0, client.offset_encoding).position
    end
    local params = { command = 'codeplan.' .. command, arguments = argument and { argument } or nil }
    client_of.send(client, 'workspace/executeCommand', params, function(err, result)
      M.finish(command, bufnr, options, err, result)
    end, bufnr)
  end, failed)
end

--- Tell everyone who waits for a command's end.
---@param command string
---@param bufnr integer
---@param options codeplan.Options
---@param err {message: string}|nil
---@param result codeplan.Result|nil
function M.finish(command, bufnr, options, err, result)
  local message = err and err.message or (type(result) == 'table' and result.message or nil)
  if err then
    -- The server shows what users brought about; an error of the protocol is left to the client.
    local text = tostring(message)
    client_of.tell(vim.startswith(text, 'codeplan') and text or 'codeplan: ' .. text, vim.log.levels.ERROR)
  elseif type(result) == 'table' and result.outcome == 'cancelled' then
    client_of.tell('codeplan: ' .. tostring(message))
  end
  if options.on_done then
    options.on_done(not err and result or nil, message)
  end
  vim.api.nvim_exec_autocmds('User', {
    pattern = 'CodeplanDone',
    modeline = false,
    data = { command = command, bufnr = bufnr, result = not err and result or nil, message = message },
  })
end

--- Whether the server has this command.
---@param client vim.lsp.Client
---@param command string
---@return boolean
function M.offers(client, command)
  local provider = client.server_capabilities.executeCommandProvider
  return provider ~= nil and vim.tbl_contains(provider.commands or {}, 'codeplan.' .. command)
end

--- Plans, code and verdicts; verified code goes into the buffer.
---@param options codeplan.Options|nil
function M.plan(options)
  M.execute('planThenCode', options, 'function')
end

--- Choose among the sampled plans, look at one with its record and code, write code from it.
---@param options codeplan.Options|nil
function M.plans(options)
  require('codeplan.picker').open(options or {})
end

--- Code from the given steps, or from those below `# Plan:` in the function's body.
---@param options codeplan.Options|nil
function M.from_plan(options)
  M.execute('codeFromPlan', options, 'function')
end

--- Every function of the file that waits for a body.
---@param options codeplan.Options|nil
function M.file(options)
  M.execute('solveFile', options, 'file')
end

--- The next verified candidate in place of the inserted one.
---@param options codeplan.Options|nil
function M.next(options)
  M.execute('nextCandidate', options, 'function')
end

--- Code that passes, made from the function at the cursor whose examples fail.
---@param options codeplan.Options|nil
function M.repair(options)
  M.execute('repair', options, 'function')
end

--- Run the examples of the function at the cursor.
---@param options codeplan.Options|nil
function M.examples(options)
  M.execute('runExamples', options, 'function')
end

--- Run the examples of the file.
---@param options codeplan.Options|nil
function M.file_examples(options)
  M.execute('runExamples', options, 'file')
end

--- Stop what is running for the buffer.
---@param options codeplan.Options|nil
function M.cancel(options)
  M.execute('cancel', options, 'file')
end

--- Stop everything.
---@param options codeplan.Options|nil
function M.cancel_all(options)
  M.execute('cancel', options, 'none')
end

--- What the server is doing, for a statusline: "" when it does nothing.
---@return string
function M.statusline()
  return require('codeplan.progress').text()
end

return M
